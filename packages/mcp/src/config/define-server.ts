import {
  anything,
  checkOptions,
  duration,
  flag,
  InvalidArgumentError,
  type OptionChecks,
  oneOf,
  stringsByName,
  text,
} from "@holdfast/rpc/client";
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

/** What servers of either kind take. */
export interface CommonServerOptions {
  /** Where its process runs, or from where its HTTP requests go out. Default `local`. */
  readonly environmentId?: string | undefined;
  /** Default true. */
  readonly enabled?: boolean | undefined;
  /** Whether a set of servers without it is of no use. Default false. */
  readonly required?: boolean | undefined;
  /** Milliseconds for `initialize`, and again for the first listing of its tools. Default 30,000. */
  readonly startupTimeoutMs?: number | undefined;
  /** Milliseconds for one call of a tool. Default 300,000. */
  readonly toolTimeoutMs?: number | undefined;
  /** The only tools that may be used. Default: all. */
  readonly enabledTools?: readonly string[] | undefined;
  /** Tools that may not be used, also if enabled. Default: none. */
  readonly disabledTools?: readonly string[] | undefined;
  /** Default false. */
  readonly supportsParallelToolCalls?: boolean | undefined;
  readonly defaultToolsApprovalMode?: ToolApprovalMode | undefined;
  /** By the server's own names of its tools. */
  readonly toolApprovalModes?: Readonly<Record<string, ToolApprovalMode>> | undefined;
}

/** A server that is started as a process. */
export interface StdioServerOptions extends CommonServerOptions {
  readonly command: string;
  readonly args?: readonly string[] | undefined;
  /** Variables laid over all others. */
  readonly env?: Readonly<Record<string, string>> | undefined;
  /** Variables that are passed on: a name, or whose it is with it. */
  readonly envVars?: readonly (string | PassedVariable)[] | undefined;
  /** Working folder. Servers that are not local need one. */
  readonly cwd?: string | undefined;
}

/** A server that is reached by Streamable HTTP. */
export interface HttpServerOptions extends CommonServerOptions {
  readonly url: string | URL;
  readonly bearerTokenEnvVar?: string | undefined;
  readonly httpHeaders?: Readonly<Record<string, string>> | undefined;
  readonly envHttpHeaders?: Readonly<Record<string, string>> | undefined;
  readonly httpHeadersHelper?: string | undefined;
  readonly scopes?: readonly string[] | undefined;
  readonly oauthClientId?: string | undefined;
  readonly oauthClientSecret?: string | undefined;
  readonly oauthResource?: string | undefined;
}

const COMMON: OptionChecks<CommonServerOptions> = {
  environmentId: text,
  enabled: flag,
  required: flag,
  startupTimeoutMs: duration,
  toolTimeoutMs: duration,
  enabledTools: strings,
  disabledTools: strings,
  supportsParallelToolCalls: flag,
  defaultToolsApprovalMode: oneOf(...TOOL_APPROVAL_MODES),
  toolApprovalModes: stringsByName,
};
const STDIO: OptionChecks<StdioServerOptions> = {
  ...COMMON,
  command: text,
  args: strings,
  env: stringsByName,
  envVars: anything,
  cwd: text,
};
const HTTP: OptionChecks<HttpServerOptions> = {
  ...COMMON,
  url: anything,
  bearerTokenEnvVar: text,
  httpHeaders: stringsByName,
  envHttpHeaders: stringsByName,
  httpHeadersHelper: text,
  scopes: strings,
  oauthClientId: text,
  oauthClientSecret: text,
  oauthResource: text,
};

/**
 * An MCP server from code: one that is started (`command`) or one that is reached (`url`).
 *
 * @param name - Unique among the servers that are used together.
 * @throws InvalidArgumentError - Names the option that is wrong.
 */
export function mcpServer(name: string, options: StdioServerOptions | HttpServerOptions): McpServerConfig {
  if (isHttp(options)) {
    checkOptions(options, HTTP, `mcpServer ${JSON.stringify(name)}`);
    return { ...commonOf(name, options), transport: httpOf(options) };
  }
  checkOptions(options, STDIO, `mcpServer ${JSON.stringify(name)}`);
  if (options.command === undefined) {
    throw new InvalidArgumentError("command", `mcpServer ${JSON.stringify(name)} needs a command or a url`);
  }
  return { ...commonOf(name, options), transport: stdioOf(options) };
}

function isHttp(options: StdioServerOptions | HttpServerOptions): options is HttpServerOptions {
  return typeof options === "object" && options !== null && "url" in options && !("command" in options);
}

function commonOf(name: string, options: CommonServerOptions): Omit<McpServerConfig, "transport"> {
  const modes = Object.entries(options.toolApprovalModes ?? {});
  for (const [tool, mode] of modes) oneOf(...TOOL_APPROVAL_MODES)(mode, `toolApprovalModes.${tool}`);
  return {
    name,
    environmentId: options.environmentId ?? LOCAL_ENVIRONMENT,
    enabled: options.enabled ?? true,
    required: options.required ?? false,
    startupTimeoutMs: options.startupTimeoutMs ?? DEFAULT_STARTUP_TIMEOUT_MS,
    toolTimeoutMs: options.toolTimeoutMs ?? DEFAULT_TOOL_TIMEOUT_MS,
    enabledTools: options.enabledTools,
    disabledTools: options.disabledTools ?? [],
    supportsParallelToolCalls: options.supportsParallelToolCalls ?? false,
    defaultToolsApprovalMode: options.defaultToolsApprovalMode,
    toolApprovalModes: new Map(modes),
  };
}

function stdioOf(options: StdioServerOptions): StdioServerConfig {
  return {
    kind: "stdio",
    command: options.command,
    args: options.args ?? [],
    env: options.env ?? {},
    envVars: (options.envVars ?? []).map((entry) =>
      typeof entry === "string" ? { name: entry, source: "local" } : entry,
    ),
    cwd: options.cwd,
  };
}

function httpOf(options: HttpServerOptions): HttpServerConfig {
  return {
    kind: "http",
    url: String(options.url),
    bearerTokenEnvVar: options.bearerTokenEnvVar,
    httpHeaders: options.httpHeaders ?? {},
    envHttpHeaders: options.envHttpHeaders ?? {},
    httpHeadersHelper: options.httpHeadersHelper,
    scopes: options.scopes,
    oauthClientId: options.oauthClientId,
    oauthClientSecret: options.oauthClientSecret,
    oauthResource: options.oauthResource,
  };
}

function strings(value: unknown, name: string): void {
  if (Array.isArray(value) && value.every((each) => typeof each === "string")) return;
  throw new InvalidArgumentError(name, `${name} must be an array of strings`);
}
