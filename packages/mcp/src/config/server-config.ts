/** The environment of servers that name none: the orchestrator's own machine. */
export const LOCAL_ENVIRONMENT = "local";

/** Milliseconds that `initialize` may take, and again the first listing of its tools. */
export const DEFAULT_STARTUP_TIMEOUT_MS = 30_000;

/** Milliseconds that one call of a tool may take. */
export const DEFAULT_TOOL_TIMEOUT_MS = 300_000;

/** Words for whether a call of a tool is put before the user. */
export const TOOL_APPROVAL_MODES = ["auto", "prompt", "writes", "approve"] as const;

/**
 * Whether a call of a tool is put before the user: `auto` by what the tool says of itself and the policy in force, `prompt` always,
 * `writes` if the tool does not say that it only reads, `approve` never.
 */
export type ToolApprovalMode = (typeof TOOL_APPROVAL_MODES)[number];

/** One MCP server: how it is reached, where, and what of it may be used. */
export interface McpServerConfig {
  /** Unique; what users call it, and what its tools are named after. */
  readonly name: string;
  /** Where its process runs, or from where its HTTP requests go out. */
  readonly environmentId: string;
  /** A server that is not enabled is never started. */
  readonly enabled: boolean;
  /** Whether a set of servers without it is of no use. */
  readonly required: boolean;
  /** Milliseconds for `initialize`, and again for the first listing of its tools. */
  readonly startupTimeoutMs: number;
  /** Milliseconds for one call of a tool. */
  readonly toolTimeoutMs: number;
  /** The only tools that may be used, by the server's own names. Undefined: all. */
  readonly enabledTools: readonly string[] | undefined;
  /** Tools that may not be used, also if enabled, by the server's own names. */
  readonly disabledTools: readonly string[];
  /** Whether calls of its tools may run side by side. */
  readonly supportsParallelToolCalls: boolean;
  /** For tools that have none of their own. */
  readonly defaultToolsApprovalMode: ToolApprovalMode | undefined;
  /** By the server's own names of its tools. */
  readonly toolApprovalModes: ReadonlyMap<string, ToolApprovalMode>;
  readonly transport: StdioServerConfig | HttpServerConfig;
}

/** A server that is started as a process and speaks on its stdin and stdout. */
export interface StdioServerConfig {
  readonly kind: "stdio";
  readonly command: string;
  readonly args: readonly string[];
  /** Variables laid over all others. */
  readonly env: Readonly<Record<string, string>>;
  /** Variables that are passed on by name. */
  readonly envVars: readonly PassedVariable[];
  /** Undefined: the working folder of the thread; servers that are not local need one. */
  readonly cwd: string | undefined;
}

/** A variable of an environment that a server gets. */
export interface PassedVariable {
  readonly name: string;
  /** Whose it is: the orchestrator's own (`local`), or that of the executor on which the server runs (`remote`). */
  readonly source: "local" | "remote";
}

/** A server that is reached by Streamable HTTP. */
export interface HttpServerConfig {
  readonly kind: "http";
  readonly url: string;
  /** Variable of the orchestrator that holds a bearer token. */
  readonly bearerTokenEnvVar: string | undefined;
  /** Sent with every request. */
  readonly httpHeaders: Readonly<Record<string, string>>;
  /** Headers whose values are variables of the orchestrator, by name. */
  readonly envHttpHeaders: Readonly<Record<string, string>>;
  /** Command for a shell here that prints further headers as a JSON object; for servers of the local environment alone. */
  readonly httpHeadersHelper: string | undefined;
  /** What a login asks for. Undefined: what the server says. */
  readonly scopes: readonly string[] | undefined;
  /** A client that is registered with the authorization server already. Undefined: one is registered by a login. */
  readonly oauthClientId: string | undefined;
  /** The secret of that client, where it is no public one. */
  readonly oauthClientSecret: string | undefined;
  /** The `resource` that a login asks a token for. Undefined: the URL of the server. */
  readonly oauthResource: string | undefined;
}
