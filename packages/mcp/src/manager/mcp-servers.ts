import { type Clock, systemClock } from "@holdfast/rpc";
import { keepAlive, untilAborted } from "@holdfast/rpc/client";
import type { Implementation } from "@modelcontextprotocol/client";
import { placementProblem } from "../config/placement.ts";
import { isSameServer } from "../config/same-server.ts";
import type { McpServerConfig } from "../config/server-config.ts";
import type { Variables } from "../config/server-variables.ts";
import type { McpEnvironments } from "../environments.ts";
import { ProcessTable } from "../launch/process-table.ts";
import { McpError } from "../mcp-error.ts";
import { ElicitationDesk, type ElicitationOptions, type ElicitationReply } from "./elicitation.ts";
import { McpManager } from "./mcp-manager.ts";
import type { TransportOpener } from "./open-transport.ts";
import { ServerConnection } from "./server-connection.ts";
import type { McpServerLog, McpServerStatus } from "./status.ts";
import { StdioOpener } from "./stdio-opener.ts";

export interface McpServersOptions {
  /** Where servers are placed. */
  readonly environments: McpEnvironments;
  /** The variables of this program, of which servers get those that their configuration names. */
  readonly variables: Variables;
  /** Working folder of local servers that have none of their own. Default: that of their executor. */
  readonly cwd?: string | undefined;
  /** Opens the ways to servers that speak HTTP. Default: there is none, and they fail. */
  readonly http?: TransportOpener | undefined;
  /** As what servers are addressed. Default: `holdfast`. */
  readonly clientInfo?: Implementation | undefined;
  /** How questions of servers to the user are answered. Default: declined. */
  readonly elicitation?: ElicitationOptions | undefined;
  /** Sent with every call of a tool as `_meta`, besides what the call has. Default: nothing. */
  readonly meta?: Readonly<Record<string, unknown>> | undefined;
  /** Told of every change of a server's state, in a task of its own. What it throws is an uncaught exception. */
  readonly onStatus?: ((status: McpServerStatus) => void) | undefined;
  /** Told what servers write to stderr, and log, as `onStatus` is. Default: it is dropped. */
  readonly onLog?: ((log: McpServerLog) => void) | undefined;
  /** Time, for tests. Default: the real clock. */
  readonly clock?: Clock | undefined;
}

/** How to replace the servers. */
export interface RefreshOptions {
  /** Gives the refresh up, as long as it has not published its set. */
  readonly signal?: AbortSignal | undefined;
  /** Where the servers are placed, from now on. Default: as before. */
  readonly environments?: McpEnvironments | undefined;
}

const CLIENT_INFO: Implementation = { name: "holdfast", title: "Holdfast", version: "0.1.0" };

/**
 * The MCP servers of one program: the set that is in use, its replacement by another, and the end of all.
 *
 * `current` is read once by whoever does something, and kept until that is done; nothing ever waits for a refresh. What was started is owned here,
 * outside of all that refers to it: when a set is replaced, the processes that the next one does not use end, with all that they started, whatever is
 * still waiting for them.
 */
export class McpServers implements AsyncDisposable {
  readonly #options: McpServersOptions;
  readonly #clock: Clock;
  readonly #desk: ElicitationDesk;
  readonly #table = new ProcessTable();
  #environments: McpEnvironments;
  #current: McpManager;
  #connections: ReadonlyMap<string, ServerConnection> = new Map();
  /** The refresh that is being built. */
  #building: AbortController | undefined;
  #built: Promise<unknown> = Promise.resolve();
  readonly #retiring = new Set<Promise<void>>();
  #isShutDown = false;

  constructor(options: McpServersOptions) {
    this.#options = options;
    this.#clock = options.clock ?? systemClock;
    this.#desk = new ElicitationDesk(options.elicitation ?? {}, this.#clock);
    this.#environments = options.environments;
    this.#current = new McpManager(0, new Map(), options.meta ?? {});
  }

  /** The set that is in use. The same one until the next refresh has published its own. */
  get current(): McpManager {
    return this.#current;
  }

  /** Processes that are starting or run, and those whose end is not confirmed. */
  get processCount(): number {
    return this.#table.size;
  }

  /** Whether every question of a server is declined. It holds over refreshes. Default false. */
  get deniesElicitations(): boolean {
    return this.#desk.denies;
  }

  set deniesElicitations(denies: boolean) {
    this.#desk.denies = denies;
  }

  /** Answer a question of a server by its id. @throws McpError - `unknown-elicitation`: nobody waits for it any more. */
  answerElicitation(id: string, reply: ElicitationReply): void {
    this.#desk.answer(id, reply);
  }

  /**
   * Replace the servers. Those whose configuration and environment are the same and that have not failed stay as they are, processes and all; others
   * are started anew. The new set is published at once, while its servers start, unless some are required: then once those are ready.
   *
   * The latest wins: a refresh that has not published gives way to a newer one.
   *
   * @returns The set that was published.
   * @throws McpError - `required-failed`: a required server did not start; the set before stays in use. `superseded`: by a newer refresh. `shut-down`.
   * @throws unknown - The reason of `signal`.
   */
  async refresh(configs: readonly McpServerConfig[], options: RefreshOptions = {}): Promise<McpManager> {
    this.#checkOpen();
    const building = new AbortController();
    this.#building?.abort(new McpError("superseded", "a newer refresh of the MCP servers took the place of this one"));
    this.#building = building;
    const signal = options.signal === undefined ? building.signal : AbortSignal.any([building.signal, options.signal]);
    const before = this.#built;
    const built = before.then(() => this.#build(configs, options, signal));
    this.#built = built.catch(() => {});
    try {
      return await built;
    } finally {
      if (this.#building === building) this.#building = undefined;
    }
  }

  /**
   * End all servers, for good: what starts is given up, what is asked of them fails, and every process ends with all that it started.
   * Resolves when that is done. Idempotent.
   */
  async shutdown(): Promise<void> {
    this.#isShutDown = true;
    this.#building?.abort(new McpError("shut-down", "the MCP servers were shut down"));
    // Who waits for their end must not be gone before, though nothing but clocks runs here meanwhile.
    const stopKeepingAlive = keepAlive();
    try {
      await this.#built;
      for (const connection of this.#connections.values()) this.#retire(connection);
      await this.retired();
      await this.#table.endAll();
    } finally {
      stopKeepingAlive();
    }
  }

  /** Resolves when what replaced servers left is ended, as far as it can be. Never rejects. */
  async retired(): Promise<void> {
    while (this.#retiring.size > 0) await Promise.all(this.#retiring);
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.shutdown();
  }

  async #build(
    configs: readonly McpServerConfig[],
    { environments = this.#environments }: RefreshOptions,
    signal: AbortSignal,
  ): Promise<McpManager> {
    signal.throwIfAborted();
    // Of several by one name the last counts, as in a table.
    const wanted = new Map(configs.filter(({ enabled }) => enabled).map((config) => [config.name, config]));
    const kept = new Map(
      [...this.#connections].filter(([name, connection]) => {
        const config = wanted.get(name);
        return config !== undefined && isSame(connection, config, environments);
      }),
    );
    // Nobody is to wait for what is about to be replaced.
    for (const [name, old] of this.#connections) if (old.state === "starting" && !kept.has(name)) this.#retire(old);
    const around = this.#surroundings(environments);
    const fresh: ServerConnection[] = [];
    const all = new Map<string, ServerConnection>();
    for (const [name, config] of wanted) {
      const connection = kept.get(name) ?? new ServerConnection(config, around);
      if (!kept.has(name)) fresh.push(connection);
      all.set(name, connection);
    }
    try {
      await requiredReady([...all.values()], signal);
      signal.throwIfAborted();
    } catch (error) {
      for (const connection of fresh) this.#retire(connection);
      throw error;
    }
    return this.#publish(all, environments);
  }

  #publish(connections: ReadonlyMap<string, ServerConnection>, environments: McpEnvironments): McpManager {
    const before = this.#connections;
    this.#environments = environments;
    this.#connections = connections;
    this.#current = new McpManager(this.#current.generation + 1, connections, this.#options.meta ?? {});
    const kept = new Set(connections.values());
    for (const connection of before.values()) if (!kept.has(connection)) this.#retire(connection);
    return this.#current;
  }

  /** End it, waited for by nobody but `retired`. What can't be confirmed is tried again when all are ended. */
  #retire(connection: ServerConnection): void {
    const retiring = connection
      .end()
      .catch(() => {})
      .finally(() => this.#retiring.delete(retiring));
    this.#retiring.add(retiring);
  }

  #surroundings(environments: McpEnvironments): ConstructorParameters<typeof ServerConnection>[1] {
    const { variables, cwd, http, clientInfo = CLIENT_INFO, onStatus, onLog } = this.#options;
    const stdio = new StdioOpener({ environments, table: this.#table, clock: this.#clock, variables, cwd });
    return {
      opener: {
        open: (config, options) => {
          const opener = config.transport.kind === "stdio" ? stdio : http;
          if (opener !== undefined) return opener.open(config, options);
          throw new Error("servers that speak HTTP can't be used here");
        },
      },
      desk: this.#desk,
      clock: this.#clock,
      clientInfo,
      // In tasks of their own: what listeners throw is nothing that a server did.
      onStatus: (status) => onStatus && queueMicrotask(() => onStatus(status)),
      onLog: (log) => onLog && queueMicrotask(() => onLog(log)),
    };
  }

  #checkOpen(): void {
    if (this.#isShutDown) throw new McpError("shut-down", "the MCP servers were shut down");
  }
}

/** Whether a server may go on as it is. */
function isSame(connection: ServerConnection, config: McpServerConfig, environments: McpEnvironments): boolean {
  if (connection.state !== "ready" && connection.state !== "starting") return false;
  if (!isSameServer(connection.config, config) || placementProblem(config, environments) !== undefined) return false;
  const place = environments.place?.(config.environmentId);
  return place === undefined || connection.place === undefined || place === connection.place;
}

/** @throws McpError `required-failed`. @throws the reason of `signal`. */
async function requiredReady(connections: readonly ServerConnection[], signal: AbortSignal): Promise<void> {
  const required = connections.filter(({ config }) => config.required);
  await untilAborted(Promise.all(required.map(({ settled }) => settled)), signal);
  const failed = required.filter(({ state }) => state !== "ready");
  if (failed.length === 0) return;
  const reasons = failed.map(({ config, error }) => `${config.name}: ${error}`).join("; ");
  throw new McpError("required-failed", `required MCP servers failed to initialize: ${reasons}`);
}
