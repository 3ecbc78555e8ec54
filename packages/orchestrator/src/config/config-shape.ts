import { McpConfigError, parseMcpServers } from "@holdfast/mcp/config";
import type { TomlPath, TomlTable, TomlValue } from "./toml-document.ts";
import { flagOf, invalid, TomlShapeError, tableOf, textOf, textsByNameOf } from "./toml-shape.ts";
import { isTable } from "./toml-values.ts";

type Check = (value: TomlValue, path: TomlPath) => void;

const APPROVAL_POLICIES = ["untrusted", "on-failure", "on-request", "granular", "never"];

const PROVIDER: Readonly<Record<string, Check>> = {
  name: textOf,
  base_url: textOf,
  env_key: textOf,
  env_key_instructions: textOf,
  experimental_bearer_token: textOf,
  wire_api: wireApi,
  query_params: textsByNameOf,
  http_headers: textsByNameOf,
  env_http_headers: textsByNameOf,
  request_max_retries: wholeNumber,
  stream_max_retries: wholeNumber,
  stream_idle_timeout_ms: wholeNumber,
  requires_openai_auth: flagOf,
  supports_websockets: flagOf,
};

/** Members that a host or its clients go by. Others are not looked at. */
const MEMBERS: Readonly<Record<string, Check>> = {
  model: textOf,
  review_model: textOf,
  model_provider: textOf,
  model_reasoning_effort: textOf,
  model_reasoning_summary: words(["auto", "concise", "detailed", "none"]),
  model_verbosity: words(["low", "medium", "high"]),
  model_context_window: wholeNumber,
  model_auto_compact_token_limit: wholeNumber,
  model_instructions_file: textOf,
  instructions: textOf,
  developer_instructions: textOf,
  compact_prompt: textOf,
  service_tier: textOf,
  openai_base_url: textOf,
  project_doc_max_bytes: wholeNumber,
  tool_output_token_limit: wholeNumber,
  default_permissions: textOf,
  approval_policy: (value, path) => void (isTable(value) || words(APPROVAL_POLICIES)(value, path)),
  sandbox_mode: words(["read-only", "workspace-write", "danger-full-access"]),
  sandbox_workspace_write: tableOf,
  tools: tableOf,
  tui: tableOf,
  shell_environment_policy: tableOf,
  hide_agent_reasoning: flagOf,
  features: flagsOrTables,
  web_search: words(["disabled", "cached", "indexed", "live"]),
  projects: tablesOf({ trust_level: words(["trusted", "untrusted"]) }),
  model_providers: providers,
  mcp_servers: (value) => void parseMcpServers(value),
};

/** @throws TomlShapeError, McpConfigError - A member that is gone by is not what it must be. */
export function checkConfig(root: TomlTable): void {
  checkMembers(root, MEMBERS, []);
}

/** What is wrong with a configuration, if anything, in the words of app servers. */
export function configProblem(root: TomlTable): string | undefined {
  try {
    checkConfig(root);
    return undefined;
  } catch (error) {
    if (!(error instanceof TomlShapeError || error instanceof McpConfigError)) throw error;
    return error.message.replace(/ in (`[^`]*`)$/, "\nin $1\n");
  }
}

function checkMembers(table: TomlTable, checks: Readonly<Record<string, Check>>, path: TomlPath): void {
  for (const [name, value] of Object.entries(table)) {
    if (Object.hasOwn(checks, name)) checks[name]?.(value, [...path, name]);
  }
}

function tablesOf(checks: Readonly<Record<string, Check>>): Check {
  return (value, path) => {
    for (const [name, each] of Object.entries(tableOf(value, path))) {
      checkMembers(tableOf(each, [...path, name]), checks, [...path, name]);
    }
  };
}

function providers(value: TomlValue, path: TomlPath): void {
  tablesOf(PROVIDER)(value, path);
  for (const [id, provider] of Object.entries(tableOf(value, path))) {
    const { name } = provider as TomlTable;
    if (name === undefined || (typeof name === "string" && name.trim() === "")) {
      throw new TomlShapeError(`model_providers.${id}: provider name must not be empty`, path);
    }
  }
}

function words(known: readonly string[]): Check {
  return (value, path) => {
    const word = textOf(value, path);
    if (known.includes(word)) return;
    const names = known.map((each) => `\`${each}\``);
    const expected = names.length === 2 ? names.join(" or ") : `one of ${names.join(", ")}`;
    throw new TomlShapeError(`unknown variant \`${word.slice(0, 64)}\`, expected ${expected}`, path);
  };
}

function flagsOrTables(value: TomlValue, path: TomlPath): void {
  for (const each of Object.values(tableOf(value, path))) if (!isTable(each)) flagOf(each, path);
}

function wireApi(value: TomlValue, path: TomlPath): void {
  const word = textOf(value, path);
  if (word === "responses") return;
  if (word === "chat") {
    const fix = 'How to fix: set `wire_api = "responses"` in your provider config.';
    throw new TomlShapeError(`\`wire_api = "chat"\` is no longer supported.\n${fix}`, path);
  }
  throw new TomlShapeError(`unknown variant \`${word.slice(0, 64)}\`, expected \`responses\``, path);
}

function wholeNumber(value: TomlValue, path: TomlPath): void {
  if (!Number.isInteger(value)) throw invalid(value, "i64", path);
}
