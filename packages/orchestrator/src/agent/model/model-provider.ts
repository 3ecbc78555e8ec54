import type { TomlPath, TomlTable, TomlValue } from "../../config/toml-document.ts";
import { invalid, TomlShapeError, tableOf, textOf, textsByNameOf } from "../../config/toml-shape.ts";
import { REQUEST_RETRIES, RETRIES_MAX, STREAM_IDLE_MS, STREAM_RETRIES } from "./limits.ts";
import { ModelError } from "./model-error.ts";

/** Where a model is reached, and how. */
export interface ModelProvider {
  /** Of the configuration. */
  readonly id: string;
  /** Of `<base_url>/responses`, with the query of the configuration. */
  readonly url: string;
  /** Those of the configuration, `authorization` among them where there is a key. */
  readonly headers: Readonly<Record<string, string>>;
  readonly requestRetries: number;
  readonly streamRetries: number;
  readonly streamIdleMs: number;
}

type Variables = Readonly<Record<string, string | undefined>>;

/** The provider that is there without a configuration. */
const OPENAI = "openai";
const OPENAI_URL = "https://api.openai.com/v1";
const OPENAI_KEY = "OPENAI_API_KEY";

/**
 * The provider of an id, by the tables `model_providers`.
 *
 * @throws ModelError - There is none, its table makes no sense, or its key is not there.
 */
export function modelProvider(config: TomlTable, id: string, variables: Variables): ModelProvider {
  try {
    return providerOf(config, id, variables);
  } catch (error) {
    if (error instanceof TomlShapeError) throw unusable(error.message, error);
    throw error;
  }
}

function providerOf(config: TomlTable, id: string, variables: Variables): ModelProvider {
  const path: TomlPath = ["model_providers", id];
  const providers = config.model_providers === undefined ? {} : tableOf(config.model_providers, ["model_providers"]);
  const given = providers[id];
  if (given === undefined && id !== OPENAI) throw unusable(`Model provider \`${id}\` not found`);
  const table = given === undefined ? {} : tableOf(given, path);
  const text = (name: string): string | undefined => {
    const value = table[name];
    return value === undefined ? undefined : textOf(value, [...path, name]);
  };
  const wire = text("wire_api") ?? "responses";
  if (wire !== "responses") {
    throw unusable(`model_providers.${id}.wire_api is "${wire}"; only "responses" is spoken`);
  }
  const openaiUrl =
    config.openai_base_url === undefined ? undefined : textOf(config.openai_base_url, ["openai_base_url"]);
  const baseUrl = text("base_url") ?? (id === OPENAI ? (openaiUrl ?? OPENAI_URL) : undefined);
  if (baseUrl === undefined) throw unusable(`model_providers.${id} has no base_url`);
  return {
    id,
    url: responsesUrl(baseUrl, textsAt(table, path, "query_params"), id),
    headers: headersOf(table, path, { variables, text, isOpenai: id === OPENAI }),
    requestRetries: countOf(table.request_max_retries, [...path, "request_max_retries"]) ?? REQUEST_RETRIES,
    streamRetries: countOf(table.stream_max_retries, [...path, "stream_max_retries"]) ?? STREAM_RETRIES,
    streamIdleMs:
      countOf(table.stream_idle_timeout_ms, [...path, "stream_idle_timeout_ms"], Number.MAX_SAFE_INTEGER) ??
      STREAM_IDLE_MS,
  };
}

function responsesUrl(baseUrl: string, query: Readonly<Record<string, string>>, id: string): string {
  let url: URL;
  try {
    url = new URL(`${baseUrl.replace(/\/+$/, "")}/responses`);
  } catch (cause) {
    throw unusable(`model_providers.${id}.base_url is no URL`, cause);
  }
  if (url.protocol !== "https:" && url.protocol !== "http:") {
    throw unusable(`model_providers.${id}.base_url begins with ${url.protocol}; it must be http: or https:`);
  }
  for (const [name, value] of Object.entries(query)) url.searchParams.set(name, value);
  return url.href;
}

interface HeaderSources {
  readonly variables: Variables;
  readonly text: (name: string) => string | undefined;
  readonly isOpenai: boolean;
}

function headersOf(table: TomlTable, path: TomlPath, { variables, text, isOpenai }: HeaderSources) {
  const headers = new Map(Object.entries(textsAt(table, path, "http_headers")).map(lowered));
  for (const [name, variable] of Object.entries(textsAt(table, path, "env_http_headers")).map(lowered)) {
    const value = variables[variable];
    // As one that is not configured: so is a header for some machines only.
    if (value !== undefined && value.trim() !== "") headers.set(name, value);
  }
  const bearer =
    text("experimental_bearer_token") ?? keyOf(text, variables) ?? (isOpenai ? variables[OPENAI_KEY] : undefined);
  if (bearer !== undefined) headers.set("authorization", `Bearer ${bearer}`);
  return Object.fromEntries(headers);
}

/** @throws ModelError - The variable that is named is not there. */
function keyOf(text: (name: string) => string | undefined, variables: Variables): string | undefined {
  const variable = text("env_key");
  if (variable === undefined) return undefined;
  const value = variables[variable];
  if (value !== undefined && value.trim() !== "") return value;
  const instructions = text("env_key_instructions");
  const advice = instructions === undefined ? "" : ` ${instructions}`;
  throw unusable(`Missing environment variable: \`${variable}\`.${advice}`);
}

function textsAt(table: TomlTable, path: TomlPath, name: string): Readonly<Record<string, string>> {
  const value = table[name];
  return value === undefined ? {} : textsByNameOf(value, [...path, name]);
}

function countOf(value: TomlValue | undefined, path: TomlPath, most = RETRIES_MAX): number | undefined {
  if (value === undefined) return undefined;
  if (typeof value !== "number" || !Number.isInteger(value) || value < 0) throw invalid(value, "u64", path);
  return Math.min(value, most);
}

function lowered([name, value]: readonly [string, string]): readonly [string, string] {
  return [name.toLowerCase(), value];
}

function unusable(message: string, cause?: unknown): ModelError {
  return new ModelError(message, { info: "other", retry: "never", cause });
}
