import type {
  McpServerElicitationRequestResponse,
  McpServerStatusUpdatedNotification,
} from "@holdfast/app-server-protocol";
import type {
  ElicitationPolicy,
  ElicitationReply,
  ElicitationRequest,
  McpManager,
  McpServers,
  McpTool,
  ModelTool,
} from "@holdfast/mcp";
import { isMcpError } from "@holdfast/mcp/config";
import type { Clock } from "@holdfast/rpc";
import { untilAborted } from "@holdfast/rpc/client";
import type { ConfiguredServers } from "./configured-servers.ts";
import { elicitationQuestion, elicitationReply } from "./elicitation-wire.ts";
import { STARTUP_GRACE_MS } from "./limits.ts";
import type { McpMeans } from "./mcp-means.ts";
import type { McpQuestion } from "./mcp-question.ts";
import { NewLogins } from "./new-logins.ts";

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

/** What a thread's servers have of their host. */
export interface ThreadMcpServices {
  readonly clock: Clock;
  /** What speaks to them: loaded when it is first wanted. */
  readonly means: () => Promise<McpMeans>;
  /** Those that are configured, as it is now. */
  readonly configured: () => Promise<ConfiguredServers>;
  /** Called when their end begins. */
  readonly onEnd: () => void;
  /** Called when nothing is left of them. */
  readonly onEnded: () => void;
}

/** A set of servers, and what it was made of. */
interface Running {
  readonly means: McpMeans;
  readonly servers: McpServers;
}

/**
 * The MCP servers of one thread. They start when they are first asked for, stay from turn to turn, and end when it is disposed of, with all that they started.
 */
export class ThreadMcp implements AsyncDisposable {
  readonly #thread: McpThread;
  readonly #services: ThreadMcpServices;
  #opening: Promise<Running> | undefined;
  #running: Running | undefined;
  /** The refresh that is under way, or the last one. Undefined: there was none. */
  #refreshed: Promise<ConfiguredServers> | undefined;
  /** As they were read last. */
  #configured: ConfiguredServers | undefined;
  readonly #newLogins = new NewLogins();
  #isOld = true;
  #ending: Promise<void> | undefined;

  constructor(thread: McpThread, services: ThreadMcpServices) {
    this.#thread = thread;
    this.#services = services;
  }

  /** The set that is in use: read once by whoever does something. Undefined: they were not started yet. */
  get current(): McpManager | undefined {
    return this.#running?.servers.current;
  }

  /** Those that are configured, enabled or not: as they were read when they were last started, or as it is now. @throws ConfigError, McpConfigError */
  async configured(): Promise<ConfiguredServers> {
    return this.#configured ?? (await this.#services.configured());
  }

  /** Processes that are starting or run, and those whose end is not confirmed. */
  get processCount(): number {
    return this.#running?.servers.processCount ?? 0;
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
   * Wait until no server is starting any more, for a second or what the configuration says; for those that are required in any case. For the beginning of a turn: a
   * reload that was asked for is done before, and so is what somebody has signed in to meanwhile.
   *
   * @returns The set for this turn. Undefined: none is enabled.
   * @throws McpError - `required-failed`: a server without which the others are of no use did not start. `shut-down`.
   * @throws ConfigError, McpConfigError - The configuration can not be used.
   * @throws unknown - The reason of `signal`.
   */
  async ready(signal?: AbortSignal): Promise<McpManager | undefined> {
    if (await this.#hasNewLogins()) this.reload();
    const { startupGraceMs = STARTUP_GRACE_MS } = await this.#settled(signal);
    const { current } = this;
    if (current === undefined) return undefined;
    const { promise, resolve } = Promise.withResolvers<void>();
    const timer = this.#services.clock.after(startupGraceMs, resolve);
    try {
      await untilAborted(Promise.race([current.started(), promise]), signal);
      return current;
    } finally {
      timer.cancel();
    }
  }

  /** The tools of the set in use as a model is told of them: of the servers that are ready, without those that are for apps alone. */
  tools(manager: McpManager | undefined = this.current): readonly ModelTool<McpTool>[] {
    if (this.#running === undefined || manager === undefined) return [];
    const { toolsForModels, LONG_MODEL_TOOL_NAME_MAX_BYTES } = this.#running.means.module;
    return toolsForModels(manager.tools(), { maxBytes: LONG_MODEL_TOOL_NAME_MAX_BYTES });
  }

  /** End all servers, with all that they started. Idempotent. */
  [Symbol.asyncDispose](): Promise<void> {
    // Who asks from now on is told by the servers that there are none.
    this.#isOld = true;
    this.#ending ??= this.#end();
    return this.#ending;
  }

  async #end(): Promise<void> {
    this.#services.onEnd();
    const running = await this.#opening?.catch(() => undefined);
    await running?.servers.shutdown();
    this.#services.onEnded();
  }

  /** The latest refresh: who waited for one that a newer took the place of waits for that. */
  async #settled(signal: AbortSignal | undefined): Promise<ConfiguredServers> {
    for (;;) {
      const refreshed = this.#begun();
      try {
        return await untilAborted(refreshed, signal);
      } catch (error) {
        const isReplaced = isMcpError(error) && error.code === "superseded" && this.#refreshed !== refreshed;
        if (!isReplaced) throw error;
      }
    }
  }

  async #hasNewLogins(): Promise<boolean> {
    if (this.#running === undefined) return false;
    const { means, servers } = this.#running;
    return await this.#newLogins.areThere(servers.current, means);
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
    const isNothing = this.#opening === undefined && !configured.servers.some(({ enabled }) => enabled);
    // Nothing is loaded for that.
    if (isNothing && this.#ending === undefined) return configured;
    const { servers } = await this.#open();
    await servers.refresh(configured.servers);
    return configured;
  }

  #open(): Promise<Running> {
    this.#opening ??= this.#opened();
    return this.#opening;
  }

  async #opened(): Promise<Running> {
    const means = await this.#services.means();
    const { threadId, cwd, policy, ask, onStatus } = this.#thread;
    const servers = new means.module.McpServers({
      ...means.common,
      cwd,
      meta: threadId === undefined ? {} : { threadId },
      elicitation: { policy, ask: ask && ((request, signal) => answered(request, ask, signal)) },
      onStatus: ({ serverName, state, error }) => {
        onStatus?.({ name: serverName, environmentId: null, status: state, error: error ?? null, failureReason: null });
      },
    });
    const running = { means, servers };
    this.#running = running;
    if (this.#ending !== undefined) await servers.shutdown();
    return running;
  }
}

async function answered(
  request: ElicitationRequest,
  ask: NonNullable<McpThread["ask"]>,
  signal: AbortSignal,
): Promise<ElicitationReply> {
  return elicitationReply(await ask(elicitationQuestion(request), signal));
}
