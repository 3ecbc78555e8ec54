import { parseToml, type TomlTable } from "@holdfast/orchestrator";
import { UsageError } from "../command-line/failure.ts";

/**
 * Members of a configuration that are given as words: `dotted.name=value`, the value as TOML has it. What is no TOML is a text as it is.
 *
 * @throws UsageError - There is no name.
 */
export function configOverrides(words: readonly string[]): Readonly<Record<string, unknown>> {
  return Object.fromEntries(words.map(overrideOf));
}

/** Features that are turned on or off by name. */
export interface FeatureWords {
  readonly enable: readonly string[];
  readonly disable: readonly string[];
}

/**
 * The same as `features.NAME=true` and `=false`. One that nobody knows here has no effect, because each release of Codex has others.
 *
 * @throws UsageError - It is no name of a feature, or is to be both.
 */
export function featureOverrides({ enable, disable }: FeatureWords): Readonly<Record<string, boolean>> {
  const both = enable.find((name) => disable.includes(name));
  if (both !== undefined) throw new UsageError(`--enable ${both} and --disable ${both}: give one of them`);
  const named = (option: string, names: readonly string[]) =>
    names.map((name) => {
      if (!/^[A-Za-z0-9_]+$/.test(name))
        throw new UsageError(`--${option} must be the name of a feature, not '${name}'`);
      return [`features.${name}`, option === "enable"] as const;
    });
  return Object.fromEntries([...named("enable", enable), ...named("disable", disable)]);
}

function overrideOf(word: string): readonly [string, unknown] {
  const at = word.indexOf("=");
  const name = word.slice(0, at).trim();
  if (at < 0 || name === "") throw new UsageError(`--config must be NAME=VALUE, not '${word}'`);
  return [name, tomlValue(word.slice(at + 1))];
}

function tomlValue(text: string): unknown {
  try {
    const table: TomlTable = parseToml(`value = ${text.trim()}`).root;
    return table.value;
  } catch {
    return text.trim().replaceAll(/^["']|["']$/g, "");
  }
}
