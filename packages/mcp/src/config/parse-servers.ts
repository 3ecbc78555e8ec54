import { McpConfigError } from "./config-error.ts";
import { ConfigTable, type PlainTable } from "./config-table.ts";
import {
  DEFAULT_STARTUP_TIMEOUT_MS,
  DEFAULT_TOOL_TIMEOUT_MS,
  type HttpServerConfig,
  LOCAL_ENVIRONMENT,
  type McpServerConfig,
  type PassedVariable,
  type StdioServerConfig,
  TOOL_APPROVAL_MODES,
  type ToolApprovalMode,
} from "./server-config.ts";

/** Members that servers of either kind have. */
const COMMON_KEYS = [
  "environment_id",
  "experimental_environment",
  "enabled",
  "required",
  "startup_timeout_sec",
  "startup_timeout_ms",
  "tool_timeout_sec",
  "enabled_tools",
  "disabled_tools",
  "supports_parallel_tool_calls",
  "default_tools_approval_mode",
  "tools",
  // Of servers that are started they are read over, as the reference does.
  "scopes",
  // Those that other programs write beside them.
  "name",
  "type",
] as const;
/** Members of servers that are started, in the order in which they are refused for others. */
const STDIO_KEYS = ["args", "env", "env_vars", "cwd"] as const;
/** Members of servers that are reached by HTTP, in the order in which they are refused for others. */
const HTTP_KEYS = [
  "url",
  "bearer_token_env_var",
  "bearer_token",
  "http_headers_helper",
  "http_headers",
  "env_http_headers",
  "oauth",
  "oauth_resource",
] as const;
const KNOWN_KEYS: readonly string[] = ["command", ...COMMON_KEYS, ...STDIO_KEYS, ...HTTP_KEYS];
const OAUTH_KEYS = ["client_id", "client_secret"] as const;

export interface ParseServersOptions {
  /** Told of each member that has no effect, in a line. Default: nobody is. */
  readonly onWarning?: ((text: string) => void) | undefined;
}

/**
 * The MCP servers of a configuration file.
 *
 * @param table - What `[mcp_servers]` holds, as a TOML parser gives it; undefined: no servers.
 * @throws McpConfigError - One of them can not be used: the message names the member and the rule.
 */
export function parseMcpServers(table: unknown, options: ParseServersOptions = {}): readonly McpServerConfig[] {
  if (table === undefined) return [];
  const servers = new ConfigTable(table, "mcp_servers");
  return servers.entries().map(([name, value]) => serverOf(name, new ConfigTable(value, servers.at(name)), options));
}

/**
 * One MCP server of a configuration file.
 *
 * @param table - What `[mcp_servers.<name>]` holds.
 * @throws McpConfigError - As {@link parseMcpServers}.
 */
export function parseMcpServer(name: string, table: PlainTable, options: ParseServersOptions = {}): McpServerConfig {
  const [server] = parseMcpServers({ [name]: table }, options);
  return server as McpServerConfig;
}

function serverOf(name: string, table: ConfigTable, { onWarning = () => {} }: ParseServersOptions): McpServerConfig {
  table.warnOfOthers(KNOWN_KEYS, onWarning);
  return {
    name,
    environmentId: table.text("environment_id") ?? table.text("experimental_environment") ?? LOCAL_ENVIRONMENT,
    enabled: table.flag("enabled") ?? true,
    required: table.flag("required") ?? false,
    startupTimeoutMs: startupTimeoutOf(table),
    toolTimeoutMs: table.seconds("tool_timeout_sec") ?? DEFAULT_TOOL_TIMEOUT_MS,
    enabledTools: table.texts("enabled_tools"),
    disabledTools: table.texts("disabled_tools") ?? [],
    supportsParallelToolCalls: table.flag("supports_parallel_tool_calls") ?? false,
    defaultToolsApprovalMode: table.word("default_tools_approval_mode", TOOL_APPROVAL_MODES),
    toolApprovalModes: approvalModesOf(table.table("tools")),
    transport: transportOf(table, onWarning),
  };
}

function startupTimeoutOf(table: ConfigTable): number {
  const fromMilliseconds = table.milliseconds("startup_timeout_ms");
  return table.seconds("startup_timeout_sec") ?? fromMilliseconds ?? DEFAULT_STARTUP_TIMEOUT_MS;
}

function approvalModesOf(tools: ConfigTable | undefined): ReadonlyMap<string, ToolApprovalMode> {
  const modes = new Map<string, ToolApprovalMode>();
  for (const [name, value] of tools?.entries() ?? []) {
    const mode = new ConfigTable(value, tools?.at(name) ?? "").word("approval_mode", TOOL_APPROVAL_MODES);
    if (mode !== undefined) modes.set(name, mode);
  }
  return modes;
}

function transportOf(table: ConfigTable, warn: (text: string) => void): StdioServerConfig | HttpServerConfig {
  const command = table.text("command");
  if (command !== undefined) return stdioOf(command, table);
  const url = table.text("url");
  if (url !== undefined) return httpOf(url, table, warn);
  throw new McpConfigError("invalid transport: there must be a `command` or a `url`", table.path);
}

function stdioOf(command: string, table: ConfigTable): StdioServerConfig {
  refuse(HTTP_KEYS, "stdio", table);
  return {
    kind: "stdio",
    command,
    args: table.texts("args") ?? [],
    env: table.textsByName("env") ?? {},
    envVars: (table.list("env_vars") ?? []).map((entry) => passedVariable(entry, table)),
    cwd: table.text("cwd"),
  };
}

function httpOf(url: string, table: ConfigTable, warn: (text: string) => void): HttpServerConfig {
  refuse([...STDIO_KEYS, "bearer_token"], "streamable_http", table);
  const oauth = table.table("oauth");
  oauth?.warnOfOthers(OAUTH_KEYS, warn);
  return {
    kind: "http",
    url,
    bearerTokenEnvVar: table.text("bearer_token_env_var"),
    httpHeaders: table.textsByName("http_headers") ?? {},
    envHttpHeaders: table.textsByName("env_http_headers") ?? {},
    httpHeadersHelper: headersHelperOf(table),
    scopes: table.texts("scopes"),
    oauthClientId: oauth?.text("client_id"),
    oauthClientSecret: clientSecretOf(table, oauth),
    oauthResource: table.text("oauth_resource"),
  };
}

function refuse(keys: readonly string[], transport: string, table: ConfigTable): void {
  const wrong = keys.find((key) => table.has(key));
  if (wrong !== undefined) throw new McpConfigError(`${wrong} is not supported for ${transport}`, table.path);
}

function headersHelperOf(table: ConfigTable): string | undefined {
  const helper = table.text("http_headers_helper");
  if (helper?.trim() === "") throw new McpConfigError("http_headers_helper must not be empty", table.path);
  const environment = table.text("environment_id") ?? table.text("experimental_environment") ?? LOCAL_ENVIRONMENT;
  if (helper !== undefined && environment !== LOCAL_ENVIRONMENT) {
    throw new McpConfigError("http_headers_helper is only supported for local MCP servers", table.path);
  }
  return helper;
}

function clientSecretOf(table: ConfigTable, oauth: ConfigTable | undefined): string | undefined {
  const secret = oauth?.text("client_secret");
  if (oauth === undefined || secret === undefined) return undefined;
  if (!oauth.has("client_id")) throw new McpConfigError("oauth.client_secret requires oauth.client_id", table.path);
  if (secret === "") throw new McpConfigError("oauth.client_secret must not be empty", table.path);
  return secret;
}

function passedVariable(entry: unknown, table: ConfigTable): PassedVariable {
  if (typeof entry === "string") return { name: entry, source: "local" };
  const expected = "invalid entry, expected a name or { name, source }";
  const path = table.at("env_vars");
  if (typeof entry !== "object" || entry === null || Array.isArray(entry)) throw new McpConfigError(expected, path);
  const { name, source = "local", ...others } = entry as Record<string, unknown>;
  const isEntry = typeof name === "string" && typeof source === "string" && Object.keys(others).length === 0;
  if (!isEntry) throw new McpConfigError(expected, path);
  if (source === "local" || source === "remote") return { name, source };
  throw new McpConfigError(`unsupported env_vars source \`${source}\`; expected \`local\` or \`remote\``, table.path);
}
