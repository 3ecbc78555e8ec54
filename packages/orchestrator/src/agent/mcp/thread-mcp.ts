import type {
  McpServerElicitationRequestResponse,
  McpServerStatusUpdatedNotification,
} from "@holdfast/app-server-protocol";
import {
  type ElicitationPolicy,
  type ElicitationReply,
  type ElicitationRequest,
  LONG_MODEL_TOOL_NAME_MAX_BYTES,
  type McpManager,
  McpServers,
  type McpServersOptions,
  type McpTool,
  type ModelTool,
  toolsForModels,
} from "@holdfast/mcp";
import type { Clock } from "@holdfast/rpc";
import { untilAborted } from "@holdfast/rpc/client";
import type { ConfiguredServers } from "./configured-servers.ts";
import { elicitationQuestion, elicitationReply } from "./elicitation-wire.ts";
import { STARTUP_GRACE_MAX_MS } from "./limits.ts";
import type { McpQuestion } from "./mcp-question.ts";

/** What a thread's servers have of their thread. */
export interface McpThread {
  /** Sent with every call of a tool. Undefined: they are of no thread. */
  readonly threadId: string | undefined;
  /** Working folder of servers that run on this machine and have none of their own: a native absolute path. */
  readonly cwd: string;
  /** Values in the place of those of the configuration, by dotted names. Default: none. */
  readonly overrides?: Readonly<Record<string, unknown>> | undefined;
  /** What is decided about questions of servers before anybody is asked. Asked for at each question. Default: the user is asked. */
  readonly policy?: (() => ElicitationPolicy) | undefined;
  /**
   * Put a question of a server before the user. Default: it is declined.
   *
   * @param signal - Aborted when no answer is waited for any more.
   */
  readonly ask?:
    | ((question: McpQuestion, signal: AbortSignal) => Promise<McpServerElicitationRequestResponse>)
    | undefined;
  /** Told of every change of a server's state. */
  readonly onStatus?: ((status: Omit<McpServerStatusUpdatedNotification, "threadId">) => void) | undefined;
}

/** What the servers of all threads have in common. */
export interface ThreadMcpServices
  extends Pick<McpServersOptions, "environments" | "variables" | "http" | "clientInfo" | "onLog"> {
  readonly clock: Clock;
  /** Those that are configured, as it is now. */
  readonly configured: () => Promise<ConfiguredServers>;
  /** Called when it is disposed of. */
  readonly onEnd: () => void;
}

/**
 * The MCP servers of one thread. They start when they are first asked for, stay from turn to turn, and end when it is disposed of, with all that they started.
 */
export class ThreadMcp implements AsyncDisposable {
  readonly #services: ThreadMcpServices;
  readonly #servers: McpServers;
  /** The refresh that is under way, or the last one. Undefined: there was none. */
  #refreshed: Promise<ConfiguredServers> | undefined;
  /** Enabled or not, as they were read last. */
  #configured: ConfiguredServers | undefined;
  #isOld = true;

  constructor(thread: McpThread, services: ThreadMcpServices) {
    const { threadId, cwd, policy, ask, onStatus } = thread;
    const { environments, variables, http, clientInfo, onLog, clock } = services;
    this.#services = services;
    this.#servers = new McpServers({
      environments,
      variables,
      cwd,
      http,
      clientInfo,
      clock,
      meta: threadId === undefined ? {} : { threadId },
      elicitation: { policy, ask: ask && ((request, signal) => answered(request, ask, signal)) },
      onStatus: ({ serverName, state, error }) => {
        onStatus?.({ name: serverName, environmentId: null, status: state, error: error ?? null, failureReason: null });
      },
      onLog,
    });
  }

  /** The set that is in use: read once by whoever does something. Empty before {@link ThreadMcp.start}. */
  get current(): McpManager {
    return this.#servers.current;
  }

  /** Those that are configured, enabled or not: as they were read when they were last started, or as it is now. @throws ConfigError, McpConfigError */
  async configured(): Promise<ConfiguredServers> {
    return this.#configured ?? (await this.#services.configured());
  }

  /** Processes that are starting or run, and those whose end is not confirmed. */
  get processCount(): number {
    return this.#servers.processCount;
  }

  /** Begin to start the servers, without waiting. What goes wrong is told by `ready`. */
  start(): void {
    this.#begun().catch(() => {});
  }

  /** Have the configuration read anew before the next turn: servers whose part of it is the same stay as they are. */
  reload(): void {
    this.#isOld = true;
  }

  /**
   * Wait until no server is starting any more, at most for what the configuration says. For the beginning of a turn: a reload that was asked for is done before.
   *
   * @returns The set for this turn.
   * @throws McpError - `required-failed`: a server without which the others are of no use did not start. `shut-down`.
   * @throws ConfigError, McpConfigError - The configuration can not be used.
   * @throws unknown - The reason of `signal`.
   */
  async ready(signal?: AbortSignal): Promise<McpManager> {
    const { startupGraceMs = STARTUP_GRACE_MAX_MS } = await untilAborted(this.#begun(), signal);
    const { current } = this.#servers;
    const { promise, resolve } = Promise.withResolvers<void>();
    const timer = this.#services.clock.after(startupGraceMs, resolve);
    try {
      await untilAborted(Promise.race([current.started(), promise]), signal);
      return current;
    } finally {
      timer.cancel();
    }
  }

  /** The tools of a set as a model is told of them: of the servers that are ready, without those that are for apps alone. */
  tools(manager: McpManager = this.current): readonly ModelTool<McpTool>[] {
    return toolsForModels(manager.tools(), { maxBytes: LONG_MODEL_TOOL_NAME_MAX_BYTES });
  }

  /** End all servers, with all that they started. Idempotent. */
  async [Symbol.asyncDispose](): Promise<void> {
    this.#services.onEnd();
    // Who asks from now on is told by the servers that there are none.
    this.#isOld = true;
    await this.#servers.shutdown();
  }

  #begun(): Promise<ConfiguredServers> {
    if (this.#refreshed !== undefined && !this.#isOld) return this.#refreshed;
    this.#isOld = false;
    const refreshed = this.#refresh();
    this.#refreshed = refreshed;
    refreshed.catch(() => {
      // Who asks next tries anew.
      if (this.#refreshed === refreshed) this.#refreshed = undefined;
    });
    return refreshed;
  }

  async #refresh(): Promise<ConfiguredServers> {
    const configured = await this.#services.configured();
    this.#configured = configured;
    await this.#servers.refresh(configured.servers);
    return configured;
  }
}

async function answered(
  request: ElicitationRequest,
  ask: NonNullable<McpThread["ask"]>,
  signal: AbortSignal,
): Promise<ElicitationReply> {
  return elicitationReply(await ask(elicitationQuestion(request), signal));
}
