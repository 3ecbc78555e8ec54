import {
  type CallToolResult,
  ProtocolError,
  type ReadResourceResult,
  type RequestMethod,
  type RequestOptions,
  SdkError,
  SdkErrorCode,
} from "@modelcontextprotocol/client";
import type { McpServerConfig } from "../config/server-config.ts";
import { McpError } from "../mcp-error.ts";
import { disabledToolProblem } from "../naming/usable-tools.ts";
import { reasonOf } from "../reason-of.ts";
import { type Listed, type ListMethod, listPages } from "./list-pages.ts";
import type { ReadyServer, ServerConnection, ServerTool } from "./server-connection.ts";
import { isTimeout, wholeSeconds } from "./startup-failure.ts";
import type { McpServerState, McpStartup } from "./status.ts";

/** A tool that may be used, with whose it is. */
export interface McpTool {
  readonly serverName: string;
  readonly config: McpServerConfig;
  /** As the server describes it, by its own name. */
  readonly tool: ServerTool;
  /** What the server says about itself, for models. */
  readonly instructions: string | undefined;
}

/** One server of a set, as it is now. */
export interface McpServerView {
  readonly name: string;
  readonly config: McpServerConfig;
  readonly state: McpServerState;
  /** Why it is of no use. */
  readonly error: string | undefined;
  /** Whether that is because nobody is signed in to it. */
  readonly needsLogin: boolean;
  /** Its own name and version, once it is ready. */
  readonly info: ReadyServer["info"];
  readonly instructions: string | undefined;
  readonly capabilities: ReadyServer["capabilities"] | undefined;
  /** Those that may be used, as it listed them last. */
  readonly tools: readonly ServerTool[];
}

/** How far a call has come, in the server's own measure. */
export interface McpProgress {
  readonly progress: number;
  readonly total?: number | undefined;
  readonly message?: string | undefined;
}

/** How to ask something of a server. */
export interface McpRequestOptions {
  /** Gives it up; the server is told. */
  readonly signal?: AbortSignal | undefined;
  /** Milliseconds for the answer. Default: `toolTimeoutMs` of the server. */
  readonly timeoutMs?: number | undefined;
}

/** How to call a tool. */
export interface McpToolCallOptions extends McpRequestOptions {
  readonly onProgress?: ((progress: McpProgress) => void) | undefined;
  /** Sent with the call as `_meta`. */
  readonly meta?: Readonly<Record<string, unknown>> | undefined;
}

/**
 * One set of servers, which stays the same: who has it goes on with it, also when a newer one was published. Servers that a newer set does not have
 * are ended then, and what is asked of them fails.
 */
export class McpManager {
  /** 0 for the empty set before the first refresh; each published set has a higher one. */
  readonly generation: number;
  readonly #connections: ReadonlyMap<string, ServerConnection>;
  readonly #meta: Readonly<Record<string, unknown>>;

  /** Made by `McpServers`. @param meta - Goes with every call of a tool. */
  constructor(
    generation: number,
    connections: ReadonlyMap<string, ServerConnection>,
    meta: Readonly<Record<string, unknown>>,
  ) {
    this.generation = generation;
    this.#connections = connections;
    this.#meta = meta;
  }

  /** Resolves when no server is starting any more, with how they began. Never rejects. */
  async started(): Promise<McpStartup> {
    const all = [...this.#connections.values()];
    await Promise.all(all.map(({ settled }) => settled));
    const named = (state: McpServerState): string[] =>
      all.filter((each) => each.state === state).map(({ config }) => config.name);
    const failed = all.flatMap(({ state, config, error = "" }) =>
      state === "failed" ? [{ serverName: config.name, error }] : [],
    );
    return { ready: named("ready"), failed, cancelled: named("cancelled") };
  }

  /** All servers, in the order of their configuration. */
  servers(): readonly McpServerView[] {
    return [...this.#connections.values()].map(viewOf);
  }

  /** @throws McpError `unknown-server`. */
  server(name: string): McpServerView {
    return viewOf(this.#connection(name));
  }

  /** Tools that may be used, of the servers that are ready now, in the order of their configuration. Nothing is asked of a server. */
  tools(): readonly McpTool[] {
    return this.servers().flatMap(({ name, config, instructions, tools }) =>
      tools.map((tool) => ({ serverName: name, config, tool, instructions })),
    );
  }

  /**
   * Call a tool by the server's own name of it; whether there is such a tool is for the server to say. Waits for the server to start.
   *
   * @throws McpError - `unknown-server`, `unavailable`, `tool-disabled`, `timeout`; `refused`: the server answered with an error; `failed`: its connection
   * was lost, or what it answered is no result.
   * @throws unknown - The reason of `signal`.
   */
  async callTool(
    serverName: string,
    toolName: string,
    args: Readonly<Record<string, unknown>> | undefined,
    options: McpToolCallOptions = {},
  ): Promise<CallToolResult> {
    const connection = this.#connection(serverName);
    const problem = disabledToolProblem(connection.config, toolName);
    if (problem !== undefined) throw new McpError("tool-disabled", problem, { serverName });
    const { onProgress = ignore, meta } = options;
    const params = {
      name: toolName,
      ...(args === undefined ? {} : { arguments: args }),
      _meta: { ...this.#meta, ...meta },
    };
    const what = `tool call failed for \`${serverName}/${toolName}\``;
    return await this.#ask(connection, { method: "tools/call", what, options }, ({ client }, request) =>
      client.request({ method: "tools/call", params }, { ...request, onprogress: onProgress }),
    );
  }

  /** All resources of a server. @throws McpError, unknown - As `callTool`. */
  listResources(serverName: string, options: McpRequestOptions = {}): Promise<readonly Listed<"resources/list">[]> {
    return this.#list(serverName, "resources/list", options);
  }

  /** All templates of resources of a server. @throws McpError, unknown - As `callTool`. */
  listResourceTemplates(
    serverName: string,
    options: McpRequestOptions = {},
  ): Promise<readonly Listed<"resources/templates/list">[]> {
    return this.#list(serverName, "resources/templates/list", options);
  }

  /** @throws McpError, unknown - As `callTool`. */
  async readResource(serverName: string, uri: string, options: McpRequestOptions = {}): Promise<ReadResourceResult> {
    const what = `resources/read failed for \`${serverName}\` (${uri})`;
    const connection = this.#connection(serverName);
    return await this.#ask(connection, { method: "resources/read", what, options }, ({ client }, request) =>
      client.request({ method: "resources/read", params: { uri } }, request),
    );
  }

  #list<Method extends ListMethod>(
    serverName: string,
    method: Method,
    options: McpRequestOptions,
  ): Promise<readonly Listed<Method>[]> {
    const what = `${method} failed for \`${serverName}\``;
    return this.#ask(this.#connection(serverName), { method, what, options }, ({ client }, request) =>
      listPages(client, method, request),
    );
  }

  #connection(name: string): ServerConnection {
    const connection = this.#connections.get(name);
    if (connection !== undefined) return connection;
    throw new McpError("unknown-server", `unknown MCP server '${name}'`, { serverName: name });
  }

  async #ask<Result>(
    connection: ServerConnection,
    {
      method,
      what,
      options,
    }: { readonly method: RequestMethod; readonly what: string; readonly options: McpRequestOptions },
    ask: (server: ReadyServer, request: RequestOptions) => Promise<Result>,
  ): Promise<Result> {
    const { config } = connection;
    const { signal, timeoutMs = config.toolTimeoutMs } = options;
    const server = await connection.whenReady(signal);
    try {
      return await ask(server, { timeout: timeoutMs, ...(signal === undefined ? {} : { signal }) });
    } catch (error) {
      if (signal?.aborted) throw signal.reason;
      const serverName = config.name;
      if (isTimeout(error)) {
        const message = `${what}: timed out awaiting ${method} after ${wholeSeconds(timeoutMs)}s`;
        throw withoutFrames(new McpError("timeout", message, { serverName, cause: error }));
      }
      const code = ProtocolError.isInstance(error) ? "refused" : "failed";
      const isLost = SdkError.isInstance(error) && error.code === SdkErrorCode.ConnectionClosed;
      const reason = (isLost ? connection.error : undefined) ?? reasonOf(error);
      throw withoutFrames(new McpError(code, `${what}: ${reason}`, { serverName, cause: error }));
    }
  }
}

function ignore(): void {}

/**
 * Until its stack is asked for, an error holds on to all that was on it: one in a log would keep servers that were replaced long ago, with
 * all that they wrote.
 */
function withoutFrames(error: McpError): McpError {
  for (let each: unknown = error; each instanceof Error; each = each.cause) void each.stack;
  return error;
}

function viewOf({ config, state, error, needsLogin, ready, tools }: ServerConnection): McpServerView {
  return {
    name: config.name,
    config,
    state,
    error,
    needsLogin,
    info: ready?.info,
    instructions: ready?.instructions,
    capabilities: ready?.capabilities,
    tools: ready === undefined ? [] : tools.filter(({ name }) => disabledToolProblem(config, name) === undefined),
  };
}
