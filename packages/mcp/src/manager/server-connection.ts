import type { Clock } from "@holdfast/rpc";
import { untilAborted } from "@holdfast/rpc/client";
import {
  Client,
  type Implementation,
  type RequestOptions,
  type ServerCapabilities,
} from "@modelcontextprotocol/client";
import type { McpServerConfig } from "../config/server-config.ts";
import { McpError } from "../mcp-error.ts";
import { isMcpLoginRequired } from "../oauth/login-required-error.ts";
import { reasonOf } from "../reason-of.ts";
import type { ElicitationDesk } from "./elicitation.ts";
import { type Listed, listPages } from "./list-pages.ts";
import type { OpenedTransport, TransportOpener } from "./open-transport.ts";
import { receiveElicitations } from "./receive-elicitations.ts";
import { STARTUP_CANCELLED, startupFailure } from "./startup-failure.ts";
import type { McpServerLog, McpServerStatus } from "./status.ts";
import { within } from "./within.ts";

/** A tool as a server describes it. */
export type ServerTool = Listed<"tools/list">;

/** What a server said of itself, once it was ready. */
export interface ReadyServer {
  readonly client: Client;
  readonly info: Implementation | undefined;
  readonly instructions: string | undefined;
  readonly capabilities: ServerCapabilities;
}

/** What a connection needs of those around it. */
export interface ConnectionSurroundings {
  readonly opener: TransportOpener;
  readonly desk: ElicitationDesk;
  readonly clock: Clock;
  readonly clientInfo: Implementation;
  readonly onStatus: (status: McpServerStatus) => void;
  readonly onLog: (log: McpServerLog) => void;
}

type State =
  | { readonly kind: "starting" }
  | { readonly kind: "ready"; readonly server: ReadyServer }
  | { readonly kind: "failed"; readonly error: string; readonly needsLogin?: boolean }
  | { readonly kind: "cancelled" };

/** What releases of Codex offer first, and what else is spoken. */
const PROTOCOL_VERSIONS = ["2025-06-18", "2025-11-25", "2025-03-26", "2024-11-05", "2024-10-07"];

/** A server's schemas are not programs to run here: what it returns is passed on as it is. */
const NO_VALIDATION = {
  getValidator: () => (data: unknown) => ({ valid: true as const, data: data as never, errorMessage: undefined }),
};

let lastRoute = 0;

/**
 * One server from its start to its end: starting, then ready, failed or cancelled; one that was ready may still fail.
 *
 * Sets of servers share it for as long as its configuration is the same. It does not own a process; see `ProcessTable`.
 */
export class ServerConnection {
  readonly config: McpServerConfig;
  /** Tells it from those of the same name before and after it. */
  readonly route: number;
  readonly #around: ConnectionSurroundings;
  readonly #lifetime = new AbortController();
  readonly #settled = Promise.withResolvers<void>();
  #state: State = { kind: "starting" };
  #tools: readonly ServerTool[] = [];
  #opened: OpenedTransport | undefined;
  #client: Client | undefined;
  #ending: Promise<void> | undefined;
  #isListing = false;
  #isListOld = false;

  /** It begins to start at once. */
  constructor(config: McpServerConfig, around: ConnectionSurroundings) {
    lastRoute += 1;
    this.config = config;
    this.route = lastRoute;
    this.#around = around;
    this.#tell("starting");
    void this.#startUp();
  }

  get state(): State["kind"] {
    return this.#state.kind;
  }

  /** Why it is of no use; undefined while it may be. */
  get error(): string | undefined {
    if (this.#state.kind === "cancelled") return STARTUP_CANCELLED;
    return this.#state.kind === "failed" ? this.#state.error : undefined;
  }

  /** Whether it is of no use because nobody is signed in to it. */
  get needsLogin(): boolean {
    return this.#state.kind === "failed" && this.#state.needsLogin === true;
  }

  /** What stands for the environment that it is in; undefined until that is known. */
  get place(): object | undefined {
    return this.#opened?.place;
  }

  /** Resolves when it is not starting any more. Never rejects. */
  get settled(): Promise<void> {
    return this.#settled.promise;
  }

  /** As it listed them last. */
  get tools(): readonly ServerTool[] {
    return this.#tools;
  }

  get ready(): ReadyServer | undefined {
    return this.#state.kind === "ready" ? this.#state.server : undefined;
  }

  /** Wait until it is ready. @throws McpError `unavailable`. @throws the reason of `signal`. */
  async whenReady(signal: AbortSignal | undefined): Promise<ReadyServer> {
    if (this.#state.kind === "starting") await untilAborted(this.#settled.promise, signal);
    if (this.#state.kind === "ready") return this.#state.server;
    throw new McpError("unavailable", `failed to get client: ${this.error}`, { serverName: this.config.name });
  }

  /**
   * Give up its startup, fail what is asked of it, and end its process with all that it started. Idempotent.
   *
   * @throws LinkError its executor is out of reach. It may be called again.
   */
  end(): Promise<void> {
    this.#cancel();
    this.#ending ??= this.#end().catch((error: unknown) => {
      this.#ending = undefined;
      throw error;
    });
    return this.#ending;
  }

  #cancel(): void {
    if (this.#lifetime.signal.aborted) return;
    this.#lifetime.abort(new McpError("unavailable", STARTUP_CANCELLED, { serverName: this.config.name }));
    if (this.#state.kind === "starting") this.#become({ kind: "cancelled" });
    else if (this.#state.kind === "ready")
      this.#become({ kind: "failed", error: this.#failure("the server was shut down") }, "untold");
    this.#closeClient();
  }

  async #end(): Promise<void> {
    await this.#opened?.end();
    // Sets that were replaced long ago may be held by somebody.
    this.#opened = undefined;
  }

  /** Rejects what is under way, at once. */
  #closeClient(): void {
    this.#client?.close().catch(() => {});
    this.#client = undefined;
    this.#tools = [];
  }

  async #startUp(): Promise<void> {
    const { startupTimeoutMs } = this.config;
    try {
      const client = await this.#connected(startupTimeoutMs);
      await this.#listTools(client, startupTimeoutMs);
      this.#becomeReady(client);
    } catch (error) {
      if (this.#state.kind === "starting") {
        const cause = this.#cause(error);
        const failure = startupFailure(this.config.name, cause, startupTimeoutMs);
        this.#become({ kind: "failed", error: failure, needsLogin: isMcpLoginRequired(cause) });
      }
      // Nobody waits for it; what is not confirmed stays in the table of its owner.
      this.#closeClient();
      this.end().catch(() => {});
    }
  }

  async #connected(timeoutMs: number): Promise<Client> {
    const { clock, clientInfo, opener } = this.#around;
    const { signal } = this.#lifetime;
    const opened = opener.open(this.config, { signal, onLog: this.#log });
    this.#opened = opened;
    await opened.placed;
    signal.throwIfAborted();
    return await within({ clock, timeoutMs, signal }, async (stop) => {
      const transport = await opened.transport(stop);
      stop.throwIfAborted();
      const client = new Client(clientInfo, {
        capabilities: { elicitation: { form: {}, url: {} } },
        supportedProtocolVersions: PROTOCOL_VERSIONS,
        jsonSchemaValidator: NO_VALIDATION,
      });
      this.#client = client;
      client.onclose = () => this.#lost();
      receiveElicitations(client, this.#around.desk, this);
      client.setNotificationHandler("notifications/message", ({ params }) => {
        this.#log({ source: "message", level: params.level, text: lineOf(params.data) });
      });
      client.setNotificationHandler("notifications/tools/list_changed", () => this.#relist(client));
      await client.connect(transport, { timeout: timeoutMs, signal: stop });
      return client;
    });
  }

  async #listTools(client: Client, timeout: number): Promise<void> {
    if (client.getServerCapabilities()?.tools === undefined) return;
    const options: RequestOptions = { timeout, signal: this.#lifetime.signal };
    this.#tools = await within({ clock: this.#around.clock, timeoutMs: timeout, signal: this.#lifetime.signal }, () =>
      listPages(client, "tools/list", options),
    );
  }

  /** However often it says that they changed: one listing at a time, and one more for what was said meanwhile. */
  async #relist(client: Client): Promise<void> {
    this.#isListOld = true;
    if (this.#isListing) return;
    this.#isListing = true;
    try {
      while (this.#isListOld && this.#state.kind === "ready") {
        this.#isListOld = false;
        await this.#listTools(client, this.config.startupTimeoutMs);
      }
    } catch {
      // What it listed before stands.
    } finally {
      this.#isListing = false;
    }
  }

  #becomeReady(client: Client): void {
    if (this.#state.kind !== "starting") return;
    const reason = this.#opened?.closeReason();
    if (reason !== undefined) throw new Error(reason);
    const server: ReadyServer = {
      client,
      info: client.getServerVersion(),
      instructions: client.getInstructions(),
      capabilities: client.getServerCapabilities() ?? {},
    };
    this.#become({ kind: "ready", server });
  }

  /** Its connection is closed, by whomever. */
  #lost(): void {
    if (this.#state.kind !== "ready" || this.#lifetime.signal.aborted) return;
    this.#become({ kind: "failed", error: this.#failure(this.#opened?.closeReason() ?? "its connection was closed") });
    // What it left running is ended, too.
    this.end().catch(() => {});
  }

  /** What the transport knows says more than that it is closed. */
  #cause(error: unknown): unknown {
    const reason = this.#opened?.closeReason();
    return reason === undefined ? error : new Error(reason, { cause: error });
  }

  #failure(reason: string): string {
    return `MCP client for \`${this.config.name}\` failed: ${reason}`;
  }

  readonly #log = (log: Omit<McpServerLog, "serverName">): void => {
    this.#around.onLog({ serverName: this.config.name, ...log });
  };

  #become(state: State, told: "told" | "untold" = "told"): void {
    this.#state = state;
    this.#settled.resolve();
    if (told === "told" && state.kind !== "starting") this.#tell(state.kind);
  }

  #tell(state: McpServerStatus["state"]): void {
    const { error } = this;
    this.#around.onStatus({ serverName: this.config.name, state, ...(error === undefined ? {} : { error }) });
  }
}

function lineOf(data: unknown): string {
  return typeof data === "string" ? data : reasonOf(JSON.stringify(data));
}
