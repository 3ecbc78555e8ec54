import type { InitializeResponse, ServerNotices } from "@holdfast/app-server-protocol";
import {
  type AppServerClient,
  createAppServerClient,
  type InvalidMessageError,
} from "@holdfast/app-server-protocol/client";
import { type Approve, createThreads, type Threads } from "@holdfast/app-server-protocol/threads";
import type { CallOptions } from "@holdfast/protocol-kit";
import type { Clock, PortClose } from "@holdfast/rpc";
import type { ConnectionEvent } from "./connection-event.ts";
import { NoticeReader } from "./notices.ts";
import type { Session } from "./session/session.ts";

/** Whether an app server can be reached; see {@link AppServerConnection.state}. */
export type AppServerState = "connected" | "recovering" | "failed" | "closed";

/** The life of a client, whatever is called through it. */
export class AppServerConnection implements AsyncDisposable {
  readonly #session: Session;
  readonly #stub: AppServerClient;

  /** Made by `connectAppServer`. */
  constructor(session: Session, stub: AppServerClient) {
    this.#session = session;
    this.#stub = stub;
  }

  /** What the server said of itself in the handshake; after a reconnect, in the last one. */
  get serverInfo(): InitializeResponse {
    return this.#session.serverInfo;
  }

  /**
   * `connected`; `recovering` while it reconnects: calls wait; `failed` when there is no way to reconnect; `closed` by {@link AppServerConnection.close}.
   */
  get state(): AppServerState {
    return this.#session.state;
  }

  /** Resolves when the client is of no more use, with why. Never rejects. */
  get closed(): Promise<PortClose> {
    return this.#session.closed;
  }

  /** Hear of lost connections and of new ones. A `reconnected` comes before the first notice of the new connection. */
  onConnection(listener: (event: ConnectionEvent) => void): () => void {
    return this.#session.onConnection(listener);
  }

  /** The notices of these methods from now on, one after the other, for a reader that takes its time; see {@link NoticeReader}. */
  notices<Method extends keyof ServerNotices>(...methods: readonly Method[]): NoticeReader<Method> {
    return new NoticeReader({
      methods,
      subscribe: (method, take) => this.#stub.on(method, take),
      hold: () => this.hold(),
      closed: this.closed,
    });
  }

  /**
   * Take no notice and no request of the server until the hold is disposed of; answers to calls still come. Nothing is lost and the order stays.
   * The server feels it, and some releases close a connection that is not read for long: they tell of it by {@link AppServerConnection.onConnection}.
   */
  hold(): Disposable {
    return this.#session.hold();
  }

  /** A call by its wire name, as it is: neither its params nor its result are looked at. For methods that no supported release knows. */
  call(method: string, params: unknown, options?: CallOptions): Promise<unknown> {
    return this.#session.call(method, params, options);
  }

  /**
   * Close the connection. A server that is a child ends with it, and with all that it runs. Calls in flight reject with `LinkError`
   * `closed`. Idempotent; resolves when the connection, or the child, is gone.
   */
  async close(): Promise<void> {
    await this.#session.close("close() was called");
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.close();
  }
}

/**
 * A connected app server: every method of the protocol as a typed function (`codex.thread.start(…)`), its notices by `codex.on(…)`, threads and turns
 * as a person thinks of them (`codex.threads`), and the life of the connection. Made by `connectAppServer`, which has done the handshake.
 */
export type AppServer = AppServerConnection &
  Omit<AppServerClient, "initialize" | "initialized"> & {
    /** Threads and their turns. A run whose connection is lost ends with `RunError` `lost`, also when the client reconnects. */
    readonly threads: Threads;
  };

/** What is made over a session. */
export interface AppServerParts {
  readonly onInvalid: (error: InvalidMessageError) => void;
  readonly onThrow: (error: unknown) => void;
  /** For all threads. */
  readonly approve: Approve | undefined;
  readonly clock: Clock;
}

/** Put the typed calls over a session that is open. */
export function appServerOver(session: Session, { onInvalid, onThrow, approve, clock }: AppServerParts): AppServer {
  const invalid = new Set<(error: InvalidMessageError) => void>();
  const told = (error: InvalidMessageError): void => {
    for (const listener of [...invalid]) listener(error);
    onInvalid(error);
  };
  const {
    initialize: _done,
    initialized: _told,
    ...stub
  } = createAppServerClient(session, { onInvalid: told, onThrow });
  const connection = new AppServerConnection(session, stub as AppServerClient);
  const threads = createThreads(stub as AppServerClient, {
    approve,
    after: (delayMs, fire) => clock.after(delayMs, fire),
    onLost: (listener) =>
      session.onConnection((event) => {
        if (event.kind !== "reconnected") listener(new Error(event.reason));
      }),
    onInvalid: (listener) => {
      invalid.add(listener);
      return () => invalid.delete(listener);
    },
  });
  return Object.assign(connection, stub, { threads });
}
