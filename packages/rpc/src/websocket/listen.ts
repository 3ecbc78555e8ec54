import { createServer, type IncomingMessage, type Server } from "node:http";
import { Socket } from "node:net";
import type { Duplex } from "node:stream";
import { type ServerOptions, WebSocketServer } from "ws";
import { type Clock, systemClock } from "../clock.ts";
import type { FramePort } from "../frame-port.ts";
import { type WaterMarks, waterMarksOf } from "../water-marks.ts";
import { type Authorization, type Authorize, type Principal, UNAUTHENTICATED } from "./authorization.ts";
import { connectionEndsOf } from "./connection-ends.ts";
import { HalfOpen } from "./half-open.ts";
import {
  answerByRoute,
  answerWithoutUpgrade,
  type HttpAnswer,
  type Routes,
  respond,
  respondRaw,
} from "./http-answer.ts";
import { WEBSOCKET_LIMITS } from "./limits.ts";
import { checkOrigin } from "./origin.ts";
import { peerNameOf, urlOf } from "./peer-name.ts";
import { HOLDFAST_PROTOCOL } from "./token-protocol.ts";
import { answerToPage } from "./web-page-guard.ts";
import { WebSocketPort } from "./websocket-port.ts";

const GOING_AWAY = 1001;

/** Options of {@link listenWebSocket}. */
export interface ListenWebSocketOptions {
  /** Address to bind, e.g. `127.0.0.1`. */
  readonly host: string;
  /** 0 takes any free port; see {@link WebSocketListener.url}. */
  readonly port: number;
  /** Called once per connection, with a port that has not been opened yet. Throwing destroys the port. */
  readonly onPort: (port: FramePort, request: IncomingMessage, principal: Principal) => void;
  /**
   * Decide on a handshake that passed every other check. Throwing answers 500; a decision that takes longer than
   * `handshakeTimeoutMs` is not waited for, and 503 is the answer. Default: all are let through.
   */
  readonly authorize?: Authorize | undefined;
  /**
   * Origins of web pages that may connect, each exactly as a browser sends it: `https://app.example`. They need an `authorize`, which
   * has to ask for a secret: who may run a page is not who may run commands. Default: none.
   */
  readonly allowedOrigins?: readonly string[] | undefined;
  /** Which paths are for what; all others are answered 404. Default: handshakes on `/`, health on `/healthz`, readiness on `/readyz`. */
  readonly routes?: Partial<Routes> | undefined;
  /** Whether new clients are wanted, for who asks for readiness; while the listener closes they are not. Default: always. */
  readonly isReady?: (() => boolean) | undefined;
  /** Called for each handshake that was refused: how, and the address and port it came from. Default: nothing. */
  readonly onRefused?: ((answer: HttpAnswer, peerName: string) => void) | undefined;
  /** Called with errors that a callback threw. Default: nothing. */
  readonly onBug?: ((error: unknown) => void) | undefined;
  /** Largest single inbound frame; a larger one closes with 1009. Default: as `maxMessageBytes`. */
  readonly maxFrameBytes?: number | undefined;
  /** Largest inbound message, in one frame or in fragments. Default 64 MiB. */
  readonly maxMessageBytes?: number | undefined;
  /** Websockets served at once; one more is answered 503. Default 1,024. */
  readonly maxConnections?: number | undefined;
  /** Connections that are not websockets yet; one more ends the oldest of them. Default 256. */
  readonly maxHalfOpen?: number | undefined;
  /** Milliseconds a client may take to send its request's head, and `authorize` to decide. Default 10,000. */
  readonly handshakeTimeoutMs?: number | undefined;
  /** Default 4 MiB. */
  readonly highWaterBytes?: number | undefined;
  /** Default 1 MiB, or a quarter of `highWaterBytes` if that is less. */
  readonly lowWaterBytes?: number | undefined;
  /** Milliseconds between pings; the first goes out one interval after the handshake. Default 30,000. */
  readonly pingIntervalMs?: number | undefined;
  /** Milliseconds of silence after a ping that end a connection with initiator `fault`. Default: no limit. */
  readonly pongTimeoutMs?: number | undefined;
  /** Milliseconds that `close` leaves connections to end by themselves. Default 2,000. */
  readonly closeGraceMs?: number | undefined;
  readonly clock?: Clock | undefined;
}

/** A bound listener. */
export interface WebSocketListener extends AsyncDisposable {
  /** `ws://host:port` with the port that was really bound. */
  readonly url: string;
  /** Websockets that are open now. */
  readonly connectionCount: number;
  /**
   * Stop listening and end every connection with code 1001; those that linger are cut after the grace. Resolves when
   * all are gone. Idempotent.
   *
   * @param reason - Sent to every client. Default `the server is shutting down`.
   */
  close(reason?: string): Promise<void>;
}

/**
 * Listen for websockets.
 *
 * Besides the handshake it answers `GET` and `HEAD` for the paths of its health with 200, for those of its readiness with 200 or 503. Requests of web pages are refused with 403: every one
 * with an `Origin` header that was not allowed, and handshakes with a `Sec-Fetch-Site`, or on loopback with a `Host` that is neither an IP address
 * nor `localhost`.
 *
 * @throws RangeError - An allowed origin is none, or there is no `authorize` beside it.
 * @throws the error of the operating system (`code` is `EADDRINUSE`, `EACCES`, …) when the address cannot be bound.
 */
export async function listenWebSocket(options: ListenWebSocketOptions): Promise<WebSocketListener> {
  const listener = new HttpListener(options);
  await listener.start();
  return listener;
}

class HttpListener implements WebSocketListener {
  readonly #options: ListenWebSocketOptions;
  readonly #routes: Routes;
  readonly #allowedOrigins: readonly string[];
  readonly #clock: Clock;
  readonly #waterMarks: WaterMarks;
  readonly #server: Server;
  readonly #webSockets: WebSocketServer;
  readonly #halfOpen: HalfOpen;
  #url = "";
  #closing: Promise<void> | undefined;

  constructor(options: ListenWebSocketOptions) {
    this.#options = options;
    this.#routes = { handshake: "/", health: ["/healthz"], ready: ["/readyz"], ...options.routes };
    this.#allowedOrigins = checkedOrigins(options);
    this.#clock = options.clock ?? systemClock;
    this.#waterMarks = waterMarksOf(options);
    this.#webSockets = new WebSocketServer(serverOptions(options));
    this.#halfOpen = new HalfOpen(options.maxHalfOpen ?? WEBSOCKET_LIMITS.maxHalfOpen);
    this.#server = this.#createHttpServer();
  }

  get url(): string {
    return this.#url;
  }

  get connectionCount(): number {
    return this.#webSockets.clients.size;
  }

  start(): Promise<void> {
    return new Promise((resolve, reject) => {
      this.#server.once("error", reject);
      this.#server.listen(this.#options.port, this.#options.host, () => {
        this.#server.removeListener("error", reject);
        this.#server.on("error", (error) => this.#report(error));
        const address = this.#server.address();
        if (address !== null && typeof address === "object") this.#url = urlOf(address);
        resolve();
      });
    });
  }

  close(reason = "the server is shutting down"): Promise<void> {
    this.#closing ??= this.#shutDown(reason);
    return this.#closing;
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }

  #createHttpServer(): Server {
    const handshakeTimeoutMs = this.#handshakeTimeoutMs;
    const server = createServer({
      headersTimeout: handshakeTimeoutMs,
      requestTimeout: handshakeTimeoutMs,
      connectionsCheckingInterval: Math.max(100, handshakeTimeoutMs >> 2),
      noDelay: true,
    });
    server.on("connection", (socket) => this.#halfOpen.add(socket));
    server.on("request", (request, response) => {
      respond(response, answerByRoute(request, this.#routes, this.#isReady) ?? answerWithoutUpgrade(request));
    });
    server.on("upgrade", (request, socket, head) => void this.#onUpgrade(request, socket, head));
    return server;
  }

  get #isReady(): boolean {
    return this.#closing === undefined && this.#options.isReady?.() !== false;
  }

  get #maxConnections(): number {
    return this.#options.maxConnections ?? WEBSOCKET_LIMITS.maxConnections;
  }

  get #handshakeTimeoutMs(): number {
    return this.#options.handshakeTimeoutMs ?? WEBSOCKET_LIMITS.handshakeTimeoutMs;
  }

  async #onUpgrade(request: IncomingMessage, stream: Duplex, head: Buffer): Promise<void> {
    // There is no other listener yet, and an unhandled error would end the process.
    stream.on("error", () => stream.destroy());
    if (!(stream instanceof Socket)) {
      stream.destroy();
      return;
    }
    const early =
      answerByRoute(request, this.#routes, this.#isReady, this.#allowedOrigins) ??
      answerToPage(request, stream.localAddress, this.#allowedOrigins) ??
      this.#answerWhenBusy();
    const verdict = early === undefined ? await this.#authorized(request, stream) : { refusal: early };
    const refusal = "refusal" in verdict ? verdict.refusal : this.#answerWhenBusy();
    if (refusal !== undefined) this.#refuse(stream, refusal);
    else if ("principal" in verdict) this.#accept(request, stream, head, verdict.principal);
  }

  #answerWhenBusy(): HttpAnswer | undefined {
    const isBusy = this.#closing !== undefined || this.connectionCount >= this.#maxConnections;
    return isBusy ? { status: 503, body: "" } : undefined;
  }

  async #authorized(request: IncomingMessage, socket: Socket): Promise<Authorization> {
    const { authorize } = this.#options;
    if (authorize === undefined) return { principal: UNAUTHENTICATED };
    const ends = connectionEndsOf(socket);
    if (ends === undefined) return { refusal: { status: 400, body: "" } };
    const { promise, resolve } = Promise.withResolvers<Authorization>();
    const late = { status: 503, body: "it took too long to find out who is connecting" };
    const timer = this.#clock.after(this.#handshakeTimeoutMs, () => resolve({ refusal: late }));
    try {
      return await Promise.race([authorize(request, ends), promise]);
    } catch (error) {
      this.#report(error);
      return { refusal: { status: 500, body: "" } };
    } finally {
      timer.cancel();
    }
  }

  #refuse(socket: Socket, refusal: HttpAnswer): void {
    const peerName = peerNameOf(socket);
    respondRaw(socket, refusal);
    try {
      this.#options.onRefused?.(refusal, peerName);
    } catch (error) {
      this.#report(error);
    }
  }

  #accept(request: IncomingMessage, socket: Socket, head: Buffer, principal: Principal): void {
    const maxMessageBytes = this.#options.maxMessageBytes ?? WEBSOCKET_LIMITS.maxMessageBytes;
    this.#webSockets.handleUpgrade(request, socket, head, (webSocket) => {
      this.#halfOpen.delete(socket);
      const port = new WebSocketPort({
        webSocket,
        socket,
        peerName: peerNameOf(socket),
        side: "server",
        waterMarks: this.#waterMarks,
        frameLimits: { maxMessageBytes, maxFrameBytes: this.#options.maxFrameBytes ?? maxMessageBytes },
        clock: this.#clock,
        pingIntervalMs: this.#options.pingIntervalMs ?? WEBSOCKET_LIMITS.pingIntervalMs,
        pongTimeoutMs: this.#options.pongTimeoutMs,
      });
      this.#handOver(port, request, principal);
    });
  }

  #handOver(port: FramePort, request: IncomingMessage, principal: Principal): void {
    try {
      this.#options.onPort(port, request, principal);
    } catch (error) {
      this.#report(error);
      port.destroy("the connection could not be served", error);
    }
  }

  async #shutDown(reason: string): Promise<void> {
    const stopped = new Promise<void>((resolve) => {
      this.#server.close(() => resolve());
    });
    this.#server.closeIdleConnections();
    const gone = new Promise<void>((resolve) => {
      this.#webSockets.close(() => resolve());
    });
    for (const webSocket of this.#webSockets.clients) webSocket.close(GOING_AWAY, reason);
    const grace = this.#clock.after(this.#options.closeGraceMs ?? WEBSOCKET_LIMITS.closeGraceMs, () => this.#cut());
    await Promise.all([stopped, gone]);
    grace.cancel();
  }

  #cut(): void {
    for (const webSocket of this.#webSockets.clients) webSocket.terminate();
    this.#halfOpen.destroyAll();
    this.#server.closeAllConnections();
  }

  #report(error: unknown): void {
    try {
      this.#options.onBug?.(error);
    } catch {
      // There is no client left to tell.
    }
  }
}

function checkedOrigins({ allowedOrigins = [], authorize }: ListenWebSocketOptions): readonly string[] {
  for (const origin of allowedOrigins) checkOrigin(origin);
  if (allowedOrigins.length > 0 && authorize === undefined) {
    throw new RangeError("allowedOrigins needs authorize: a page that may connect has to bring a secret");
  }
  return allowedOrigins;
}

function serverOptions(options: ListenWebSocketOptions): ServerOptions & { closeTimeout: number } {
  return {
    noServer: true,
    perMessageDeflate: false,
    clientTracking: true,
    maxPayload: options.maxMessageBytes ?? WEBSOCKET_LIMITS.maxMessageBytes,
    closeTimeout: WEBSOCKET_LIMITS.closeTimeoutMs,
    // The others that are offered hold tokens.
    handleProtocols: (protocols) => (protocols.has(HOLDFAST_PROTOCOL) ? HOLDFAST_PROTOCOL : false),
  };
}
