import {
  createAppServerCodec,
  type InitializeParams,
  type InitializeResponse,
  methodRow,
} from "@holdfast/app-server-protocol";
import { createAppServerClient } from "@holdfast/app-server-protocol/client";
import type { CallOptions, LinkV1 } from "@holdfast/protocol-kit";
import {
  type Clock,
  type FramePort,
  Holds,
  type PortClose,
  type ReceivedNotice,
  Subscriptions,
  systemClock,
} from "@holdfast/rpc";
import { HealingLink, type HealingState, keepAlive, type RecoverySettings, recover } from "@holdfast/rpc/client";
import type { ConnectionEvent } from "../connection-event.ts";
import { RESUBSCRIBE_TIMEOUT_MS } from "../limits.ts";
import { AskedFor } from "./asked-for.ts";
import { isUrgent, timeoutOf } from "./call-times.ts";
import { Line } from "./line.ts";
import { retryOverloaded } from "./retry-overloaded.ts";
import type { ServerRequests } from "./server-requests.ts";

export interface SessionOptions {
  /** Open a new connection. */
  readonly dial: (signal: AbortSignal | undefined) => Promise<FramePort>;
  readonly initialize: InitializeParams;
  readonly initializeTimeoutMs: number;
  readonly callTimeoutMs: number;
  readonly requests: ServerRequests;
  /** Undefined: a lost connection is the end. */
  readonly recovery: RecoverySettings | undefined;
  readonly clock: Clock;
  /** Called with why a message could not be read. */
  readonly onUnreadable: (reason: string) => void;
  /** Called with notices of methods that no supported release knows. */
  readonly onUnknown: (notice: ReceivedNotice) => void;
  /** Called with what a handler of the caller threw. */
  readonly onError: (error: unknown, method: string) => void;
}

/** A connection whose handshake is done. It delivers nothing before its hold is released. */
interface ReadyLine {
  readonly line: Line;
  readonly hold: Disposable;
  readonly answer: InitializeResponse;
}

/**
 * `recovering`: there is no line, yet or again; calls wait. `connected`: they go out on it; its loss leads to `recovering`, or to `failed`
 * where the target can not be dialled again. `failed` and `closed` (by this side) are for good.
 */
type State = HealingState<Line>;

/** Not strict: every word of a server is checked by the validators. */
const codec = createAppServerCodec({ strict: false });

/** What one client is on an app server, over one connection after the other. */
export class Session implements LinkV1 {
  readonly #options: SessionOptions;
  readonly #notices = new Subscriptions();
  readonly #askedFor = new AskedFor();
  readonly #link: HealingLink<Line>;
  readonly #holds = new Holds((isHeld) => this.#holdLine(isHeld));
  readonly #listeners = new Set<(event: ConnectionEvent) => void>();
  readonly #closed = Promise.withResolvers<PortClose>();
  /** Ends the attempts to connect. */
  readonly #stop = new AbortController();
  #lineHold: Disposable | undefined;
  #state: State = { kind: "recovering" };
  #serverInfo: InitializeResponse | undefined;
  #reconnectedAtMs = Number.NEGATIVE_INFINITY;

  constructor(options: SessionOptions) {
    this.#options = options;
    const session = this;
    this.#link = new HealingLink<Line>({
      clock: options.clock,
      policy: { answerTimeoutOf: () => undefined, isUrgent, replaysOf },
      get state() {
        return session.#state;
      },
      onAmbiguous: () => {},
    });
  }

  /** Connect for the first time. @throws LinkError, RemoteError, InvalidMessageError - The session is of no use then. */
  async open(signal: AbortSignal | undefined): Promise<void> {
    const ready = await this.#openLine(signal);
    // The server begins to tell at once: whoever adds handlers when the client is there misses none.
    systemClock.after(0, () => ready.hold[Symbol.dispose]());
    this.#install(ready);
  }

  get state(): State["kind"] {
    return this.#state.kind;
  }

  /** What the server said of itself, the last time. */
  get serverInfo(): InitializeResponse {
    if (this.#serverInfo === undefined) throw new Error("the session is not open");
    return this.#serverInfo;
  }

  /** Resolves when it is over. Never rejects. */
  get closed(): Promise<PortClose> {
    return this.#closed.promise;
  }

  async call(method: string, params: unknown, options?: CallOptions): Promise<unknown> {
    const { clock, callTimeoutMs } = this.#options;
    const refusal = this.#askedFor.refusalOf(method, params);
    if (refusal !== undefined) throw refusal;
    const dueMs = clock.now() + (options?.timeoutMs ?? timeoutOf(method, params, callTimeoutMs));
    const result = await retryOverloaded((limited) => this.#link.call(method, params, limited), options, {
      clock,
      dueMs,
      mayRepeat: replaysOf(method) > 0,
    });
    this.#askedFor.answered(method, params, result);
    return result;
  }

  notify(method: string, params: unknown): void {
    this.#link.notify(method, params);
  }

  on(method: string, handler: (params: unknown, metadata?: unknown) => void): () => void {
    return this.#notices.add(method, handler);
  }

  onConnection(listener: (event: ConnectionEvent) => void): () => void {
    // One of its own, so that each addition is stopped on its own.
    const entry = (event: ConnectionEvent): void => listener(event);
    this.#listeners.add(entry);
    return () => this.#listeners.delete(entry);
  }

  /** Take no notice and no request from the connection, whichever it is, until the hold is released. */
  hold(): Disposable {
    return this.#holds.take();
  }

  /** End it from this side. Idempotent. */
  async close(reason: string): Promise<void> {
    const state = this.#state;
    if (state.kind === "connected" || state.kind === "recovering") {
      this.#end("closed", { initiator: "local", reason }, `the client was closed: ${reason}`);
      if (state.kind === "connected") {
        state.line.peer.close(reason);
        this.#closed.resolve(await state.line.peer.closed);
      }
    }
    await this.closed;
  }

  #holdLine(isHeld: boolean): void {
    this.#lineHold?.[Symbol.dispose]();
    this.#lineHold = isHeld && this.#state.kind === "connected" ? this.#state.line.peer.hold() : undefined;
  }

  async #openLine(signal: AbortSignal | undefined): Promise<ReadyLine> {
    const { dial, clock, initialize, initializeTimeoutMs, requests, onUnreadable, onError } = this.#options;
    const line = new Line({
      port: await dial(signal),
      codec,
      clock,
      server: { call: (call) => requests.answer(call), notice: (notice) => this.#hear(notice) },
      onUnreadable,
      onBug: onError,
    });
    const hold = line.peer.hold();
    try {
      const stub = createAppServerClient(line.peer);
      const answer = await stub.initialize(initialize, { timeoutMs: initializeTimeoutMs, signal });
      await requests.whenReady();
      stub.initialized();
      line.askForSigns();
      return { line, hold, answer };
    } catch (error) {
      line.peer.close("the handshake failed");
      // Why a program ended is said with its end.
      throw error;
    }
  }

  #hear(notice: ReceivedNotice): void {
    const { method, params } = notice;
    this.#askedFor.heard(method, params);
    if (method === "serverRequest/resolved") this.#options.requests.resolved(params);
    if (methodRow(method)?.from !== "server") this.#options.onUnknown(notice);
    this.#notices.deliver(notice, (error) => this.#options.onError(error, method));
  }

  #install({ line, answer }: ReadyLine): void {
    this.#serverInfo = answer;
    this.#state = { kind: "connected", line };
    this.#holdLine(this.#holds.isHeld);
    this.#link.release();
    void line.lost.then((close) => this.#onLost(line, close));
  }

  #onLost(line: Line, close: PortClose): void {
    if (this.#state.kind !== "connected" || this.#state.line !== line) return;
    const { recovery } = this.#options;
    this.#tell({ kind: "lost", reason: close.reason, willReconnect: recovery !== undefined });
    if (recovery === undefined) {
      this.#end("failed", close, `the connection to the app server is gone: ${close.reason}`);
      this.#closed.resolve(close);
      return;
    }
    this.#lineHold = undefined;
    this.#state = { kind: "recovering" };
    this.#reconnect(close, recovery);
  }

  #reconnect(lost: PortClose, recovery: RecoverySettings): void {
    const { clock } = this.#options;
    const lostAtMs = clock.now();
    const stopKeepingAlive = keepAlive();
    // A line that breaks as soon as it is there must not be dialled without a pause.
    const delayMs = this.#reconnectedAtMs + recovery.retryIntervalMs - lostAtMs;
    recover((signal) => this.#attempt(signal), {
      ...recovery,
      clock,
      delayMs,
      stop: this.#stop.signal,
      what: "reconnecting",
    })
      .then(
        ({ ready, resubscribed }) => {
          if (this.#state.kind !== "recovering") {
            ready.line.peer.close("the client is done");
            return;
          }
          this.#reconnectedAtMs = clock.now();
          this.#askedFor.installed(resubscribed);
          this.#tell({ kind: "reconnected", outageMs: this.#reconnectedAtMs - lostAtMs, ...resubscribed });
          this.#install(ready);
          ready.hold[Symbol.dispose]();
        },
        (error: unknown) => {
          if (this.#state.kind !== "recovering") return;
          const why = error instanceof Error ? error.message : String(error);
          const reason = `the connection to the app server is gone: ${lost.reason}; there is no new one: ${why}`;
          const close: PortClose = { initiator: "fault", reason, cause: error };
          this.#end("failed", close, reason);
          this.#closed.resolve(close);
        },
      )
      .finally(stopKeepingAlive);
  }

  async #attempt(signal: AbortSignal) {
    const ready = await this.#openLine(signal);
    try {
      const options = { timeoutMs: RESUBSCRIBE_TIMEOUT_MS, signal };
      const resubscribed = await this.#askedFor.askAgain(createAppServerClient(ready.line.peer), options);
      signal.throwIfAborted();
      return { ready, resubscribed };
    } catch (error) {
      ready.line.peer.close("the client did not get its threads back on this connection");
      throw error;
    }
  }

  /** First cause wins. The one that resolves `closed` is the caller. */
  #end(kind: "failed" | "closed", close: PortClose, message: string): void {
    const wasRecovering = this.#state.kind === "recovering";
    this.#state = { kind, code: "closed", message, cause: close.cause };
    this.#stop.abort();
    if (wasRecovering) this.#closed.resolve(close);
    this.#link.release();
    this.#tell({ kind: "closed", reason: close.reason, initiator: close.initiator });
  }

  #tell(event: ConnectionEvent): void {
    for (const listener of [...this.#listeners]) {
      try {
        listener(event);
      } catch (error) {
        this.#options.onError(error, "");
      }
    }
  }
}

/** How many times a call of this method may be sent again: its row in the method table says. Of an unknown one: never. */
function replaysOf(method: string): number {
  const replay = methodRow(method)?.replay;
  if (replay === "always") return Number.POSITIVE_INFINITY;
  return replay === "once" ? 1 : 0;
}
