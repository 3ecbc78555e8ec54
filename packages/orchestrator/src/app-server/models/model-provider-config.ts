import type { ConfigEdit, ModelProviderSummary, ProviderSettingsPatch } from "@holdfast/app-server-protocol";
import { DEFAULT_PROVIDER, textMember } from "../../agent/model/configured-models.ts";
import { ConfigWriteError, invalidChange } from "../../config/config-error.ts";
import { keyPathText } from "../../config/key-path.ts";
import type { TomlTable } from "../../config/toml-document.ts";
import { memberOf } from "../../config/toml-values.ts";
import { invalidRequest } from "../faults.ts";

/** Members by which a provider is told who asks, besides a variable. */
const OTHER_CREDENTIALS = ["experimental_bearer_token", "http_headers", "env_http_headers", "auth"];

/** Characters of an id that is made of a name. */
const ID_MAX_CHARACTERS = 64;

/** The provider that is there without being configured. */
export function builtInProvider(config: TomlTable): ModelProviderSummary {
  const baseUrl = textMember(config, "openai_base_url") ?? null;
  return { id: DEFAULT_PROVIDER, name: "OpenAI", canEdit: false, baseUrl, settings: { type: "openai" } };
}

/** A provider of the configuration, without its secrets. */
export function providerSummary(id: string, table: TomlTable): ModelProviderSummary {
  const baseUrl = textMember(table, "base_url") ?? null;
  const settings = { type: "customGateway" as const, auth: authOf(table) };
  return { id, name: textMember(table, "name") ?? id, canEdit: true, baseUrl, settings };
}

/** What has to be written for a provider, and its id. @throws RpcFault - It is of a kind that is not served. @throws ConfigWriteError - Nothing can be made of it. */
export function providerEdits(
  patch: ProviderSettingsPatch,
  taken: ReadonlySet<string>,
): { readonly id: string; readonly edits: readonly ConfigEdit[] } {
  if (patch.type !== "customGateway") {
    const advice = "configure one that speaks the Responses API, as a customGateway";
    throw invalidRequest(`model providers of the kind ${patch.type} are not supported: ${advice}`);
  }
  const { providerId, name, baseUrl, envKey } = patch;
  const isNew = typeof providerId !== "string";
  if (!isNew && !taken.has(providerId)) throw new ConfigWriteError("configPathNotFound", "Unknown provider ID.");
  if (isNew ? (name ?? "").trim() === "" : name?.trim() === "") throw invalidChange("Enter a provider name.");
  if (typeof baseUrl === "string" && !isPlainWebUrl(baseUrl)) {
    throw invalidChange("Enter an HTTP(S) base URL without credentials, a query, or a fragment.");
  }
  const id = isNew ? freeId(name ?? "", taken) : providerId;
  const members = { name, base_url: baseUrl, env_key: envKey, wire_api: isNew ? "responses" : undefined };
  const edits = Object.entries(members).flatMap(([member, value]): readonly ConfigEdit[] => {
    if (value === undefined) return [];
    return [{ keyPath: keyPathText(["model_providers", id, member]), value, mergeStrategy: "replace" }];
  });
  return { id, edits };
}

function authOf(table: TomlTable): Extract<ModelProviderSummary["settings"], { type: "customGateway" }>["auth"] {
  const envKey = textMember(table, "env_key") ?? null;
  if (OTHER_CREDENTIALS.some((name) => memberOf(table, name) !== undefined)) {
    return { mode: "externallyConfigured", envKey };
  }
  return envKey === null ? { mode: "none" } : { mode: "environmentVariable", envKey };
}

function isPlainWebUrl(text: string): boolean {
  const url = URL.parse(text);
  if (url === null || !/^https?:$/.test(url.protocol)) return false;
  return [url.username, url.password, url.search, url.hash].every((part) => part === "");
}

function freeId(name: string, taken: ReadonlySet<string>): string {
  const words = name.toLowerCase().match(/[a-z0-9]+/g) ?? ["provider"];
  const slug = words.join("-").slice(0, ID_MAX_CHARACTERS);
  for (let number = 1; ; number += 1) {
    const id = number === 1 ? slug : `${slug}-${number}`;
    if (id !== DEFAULT_PROVIDER && !taken.has(id)) return id;
  }
}
