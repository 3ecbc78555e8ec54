import type { Clock, Timer } from "@holdfast/rpc";
import {
  isInitializeRequest,
  isJSONRPCErrorResponse,
  isJSONRPCNotification,
  isJSONRPCRequest,
  isJSONRPCResultResponse,
  type JSONRPCMessage,
  type JSONRPCRequest,
  type JSONRPCResponse,
  type RequestId,
  SdkHttpError,
  StreamableHTTPClientTransport,
  type Transport,
  type TransportSendOptions,
} from "@modelcontextprotocol/client";
import type { FetchLike } from "./fetch-like.ts";
import { toHttpServerError } from "./http-server-error.ts";
import { END_SESSION_TIMEOUT_MS, RENEW_TIMEOUT_MS, REOPEN_ATTEMPTS, REOPEN_MAX_MS, REOPEN_MIN_MS } from "./limits.ts";

export interface HttpTransportOptions {
  /** Says who is asking. Follows no redirect by itself. */
  readonly fetch: FetchLike;
  readonly headers: Readonly<Record<string, string>>;
  readonly clock: Clock;
}

/** As the SDK takes them, which tells members that are undefined from those that are not there. */
type SendOptions = NonNullable<Parameters<StreamableHTTPClientTransport["send"]>[1]>;

/** Code of an answer that this side makes for a request whose answer is lost; from the range that JSON-RPC leaves to implementations. */
const ANSWER_LOST = -32_000;
/** Status of an answer to a message of a session that is not known; some servers answer with the other, and say why. */
const SESSION_GONE = 404;
const BAD_REQUEST = 400;

/**
 * The messages of a server by Streamable HTTP: the SDK's transport, and what it leaves open.
 *
 * A request whose stream ends without an answer fails at once; one that is cancelled gives its stream up; a session that the server
 * forgot is opened anew, and what was refused for it is sent again; closing tells the server, and waits for no more than two seconds.
 */
export class HttpTransport implements Transport {
  onclose: (() => void) | undefined;
  onerror: ((error: Error) => void) | undefined;
  onmessage: Transport["onmessage"];
  readonly #sdk: StreamableHTTPClientTransport;
  readonly #clock: Clock;
  /** Gives up what is asked, by the ids of requests that are not answered. */
  readonly #asked = new Map<RequestId, AbortController>();
  readonly #timers = new Set<Timer>();
  /** What began the session. */
  #initialize: JSONRPCRequest | undefined;
  #renewal: { readonly id: string; readonly answered: PromiseWithResolvers<void> } | undefined;
  #renewed: Promise<void> | undefined;
  #renewals = 0;
  #latestError: Error | undefined;
  #closed: Promise<void> | undefined;

  constructor(url: URL, { fetch, headers, clock }: HttpTransportOptions) {
    this.#clock = clock;
    this.#sdk = new StreamableHTTPClientTransport(url, {
      fetch,
      requestInit: { headers },
      onInsufficientScope: "throw",
      reconnectionOptions: {
        initialReconnectionDelay: 1_000,
        maxReconnectionDelay: REOPEN_MAX_MS,
        reconnectionDelayGrowFactor: 2,
        maxRetries: REOPEN_ATTEMPTS,
      },
      reconnectionScheduler: (reopen, delayMs) => this.#reopenLater(reopen, delayMs),
    });
    this.#sdk.onmessage = (message) => this.#receive(message);
    this.#sdk.onerror = (error) => this.#tell(error);
  }

  get sessionId(): string | undefined {
    return this.#sdk.sessionId;
  }

  setProtocolVersion(version: string): void {
    this.#sdk.setProtocolVersion(version);
  }

  async start(): Promise<void> {
    await this.#sdk.start();
  }

  async send(message: JSONRPCMessage, options: TransportSendOptions = {}): Promise<void> {
    if (this.#closed !== undefined) throw new Error("the connection to the server was closed");
    if (isInitializeRequest(message) && isJSONRPCRequest(message)) this.#initialize = message;
    if (isJSONRPCRequest(message)) return await this.#ask(message, options);
    await this.#deliver(message, options);
    if (isJSONRPCNotification(message) && message.method === "notifications/cancelled") {
      const { requestId } = message.params ?? {};
      if (typeof requestId === "string" || typeof requestId === "number") this.#giveUp(requestId);
    }
  }

  /** Requests fail at once; resolves when the server has been told, or could not be. */
  close(): Promise<void> {
    this.#closed ??= this.#close();
    return this.#closed;
  }

  async #close(): Promise<void> {
    this.#renewal?.answered.reject(new Error("the connection to the server was closed"));
    for (const id of [...this.#asked.keys()]) this.#giveUp(id);
    this.onclose?.();
    const { promise: late, resolve } = Promise.withResolvers<void>();
    const timer = this.#clock.after(END_SESSION_TIMEOUT_MS, resolve);
    // Servers that have no sessions, or are gone, have nothing to end.
    await Promise.race([this.#sdk.terminateSession().catch(() => {}), late]);
    timer.cancel();
    for (const each of this.#timers) each.cancel();
    this.#timers.clear();
    await this.#sdk.close();
  }

  async #ask(message: JSONRPCRequest, options: TransportSendOptions): Promise<void> {
    const { id } = message;
    const stop = new AbortController();
    this.#asked.set(id, stop);
    const signals = options.requestSignal === undefined ? [stop.signal] : [stop.signal, options.requestSignal];
    const onRequestStreamEnd = (): void => {
      options.onRequestStreamEnd?.();
      this.#lose(id);
    };
    try {
      await this.#deliver(message, { ...options, requestSignal: AbortSignal.any(signals), onRequestStreamEnd });
    } catch (error) {
      this.#asked.delete(id);
      throw error;
    }
  }

  async #deliver(message: JSONRPCMessage, given: TransportSendOptions): Promise<void> {
    const { sessionId } = this.#sdk;
    const options = given as SendOptions;
    try {
      await this.#sdk.send(message, options);
    } catch (error) {
      const canRenew = sessionId !== undefined && !isInitializeRequest(message) && this.#closed === undefined;
      if (!canRenew || !isOfForgottenSession(error)) throw toHttpServerError(error);
      // Nothing was done with a message of a session that is not known.
      await this.#renewSession(sessionId).catch((cause: unknown) => {
        throw toHttpServerError(cause);
      });
      await this.#sdk.send(message, options).catch((cause: unknown) => {
        throw toHttpServerError(cause);
      });
    }
  }

  /** Open another session in the place of one that the server forgot: one for all who met that. */
  async #renewSession(forgotten: string): Promise<void> {
    if (this.#sdk.sessionId !== forgotten && this.#renewed === undefined) return;
    this.#renewed ??= this.#beginSession().finally(() => {
      this.#renewed = undefined;
    });
    await this.#renewed;
  }

  async #beginSession(): Promise<void> {
    if (this.#initialize === undefined) throw new Error("the server forgot a session that was not begun here");
    this.#renewals += 1;
    const renewal = { id: `renewal-${this.#renewals}`, answered: Promise.withResolvers<void>() };
    this.#renewal = renewal;
    renewal.answered.promise.catch(() => {});
    const stop = new AbortController();
    const fail = (): void =>
      renewal.answered.reject(new Error("the server did not answer when a session was begun anew"));
    const timer = this.#clock.after(RENEW_TIMEOUT_MS, () => {
      fail();
      stop.abort();
    });
    try {
      const how = { requestSignal: stop.signal, onRequestStreamEnd: fail };
      await this.#sdk.send({ ...this.#initialize, id: renewal.id }, how);
      await renewal.answered.promise;
    } finally {
      timer.cancel();
      this.#renewal = undefined;
    }
    await this.#sdk.send({ jsonrpc: "2.0", method: "notifications/initialized" });
  }

  #receive(message: JSONRPCMessage): void {
    if (isJSONRPCResultResponse(message) || isJSONRPCErrorResponse(message)) {
      if (this.#isOfRenewal(message)) return;
      if (message.id !== undefined) this.#asked.delete(message.id);
    }
    if (this.#closed === undefined) this.onmessage?.(message);
  }

  #isOfRenewal(message: JSONRPCResponse): boolean {
    if (this.#renewal === undefined || message.id !== this.#renewal.id) return false;
    const { answered } = this.#renewal;
    if (isJSONRPCErrorResponse(message)) answered.reject(new Error(message.error.message));
    else answered.resolve();
    return true;
  }

  /** The stream of a request ended; where it is not answered yet, it will not be. */
  #lose(id: RequestId): void {
    if (!this.#asked.delete(id) || this.#closed !== undefined) return;
    const why = this.#latestError === undefined ? "" : `: ${this.#latestError.message}`;
    const message = `the connection was lost before the server answered${why}`;
    this.onmessage?.({ jsonrpc: "2.0", id, error: { code: ANSWER_LOST, message } });
  }

  #giveUp(id: RequestId): void {
    this.#asked.get(id)?.abort();
    this.#asked.delete(id);
  }

  #tell(error: Error): void {
    this.#latestError = error;
    // What it is the reason of is told within the same turn.
    queueMicrotask(() => {
      this.#latestError = undefined;
    });
    if (this.#closed === undefined) this.onerror?.(error);
  }

  #reopenLater(reopen: () => void, delayMs: number): () => void {
    const timer = this.#clock.after(Math.min(Math.max(delayMs, REOPEN_MIN_MS), REOPEN_MAX_MS), () => {
      this.#timers.delete(timer);
      reopen();
    });
    this.#timers.add(timer);
    return () => {
      timer.cancel();
      this.#timers.delete(timer);
    };
  }
}

function isOfForgottenSession(error: unknown): boolean {
  if (!SdkHttpError.isInstance(error)) return false;
  const { text } = error.data;
  return error.status === SESSION_GONE || (error.status === BAD_REQUEST && /session/i.test(String(text)));
}
