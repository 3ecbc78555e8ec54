import type { TomlTable } from "../../config/toml-document.ts";
import { isTable, memberOf } from "../../config/toml-values.ts";

/** The model of a configuration that names none. */
export const DEFAULT_MODEL = "gpt-5.5";

/** The provider of a configuration that names none: the Responses API of OpenAI. */
export const DEFAULT_PROVIDER = "openai";

/** Models that one configuration names, at most. */
const MODELS_MAX = 256;

/** The models that a configuration names; first the one that is used where nobody chooses. */
export function configuredModels(config: TomlTable): readonly [string, ...string[]] {
  const first = textMember(config, "model") ?? DEFAULT_MODEL;
  const others = [
    textMember(config, "review_model"),
    ...tablesOf(config, "profiles").map((profile) => textMember(profile, "model")),
  ];
  const names = new Set(others.filter((name) => name !== undefined && name !== first).slice(0, MODELS_MAX));
  return [first, ...(names as Set<string>)];
}

/** The providers that a configuration has, by their ids. The built-in one is among them only where it was replaced. */
export function configuredProviders(config: TomlTable): ReadonlyMap<string, TomlTable> {
  const providers = memberOf(config, "model_providers");
  const entries = isTable(providers) ? Object.entries(providers) : [];
  return new Map(entries.flatMap(([id, each]) => (isTable(each) ? [[id, each] as const] : [])));
}

/** A text that says something. */
export function textMember(table: TomlTable, key: string): string | undefined {
  const value = memberOf(table, key);
  return typeof value === "string" && value.trim() !== "" ? value : undefined;
}

function tablesOf(table: TomlTable, key: string): readonly TomlTable[] {
  const value = memberOf(table, key);
  return isTable(value) ? Object.values(value).filter(isTable) : [];
}
