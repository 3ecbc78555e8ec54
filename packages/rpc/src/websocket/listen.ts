import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import type { Server as TlsServer } from "node:https";
import { Socket } from "node:net";
import type { Duplex } from "node:stream";
import type { TLSSocket } from "node:tls";
import { type ServerOptions, WebSocketServer } from "ws";
import { type Clock, systemClock } from "../clock.ts";
import type { FramePort } from "../frame-port.ts";
import { type WaterMarks, waterMarksOf } from "../water-marks.ts";
import { type Authorization, type Principal, UNAUTHENTICATED } from "./authorization.ts";
import { type Binding, bind } from "./bind.ts";
import { inboundConnectionOf } from "./connection-ends.ts";
import { HalfOpen } from "./half-open.ts";
import {
  answerByRoute,
  answerToPageOrProbe,
  answerWithoutUpgrade,
  type HttpAnswer,
  type Routes,
  respond,
  respondRaw,
} from "./http-answer.ts";
import { InboundRequest } from "./inbound-request.ts";
import { WEBSOCKET_LIMITS } from "./limits.ts";
import type { ListenWebSocketOptions, WebSocketListener } from "./listen-options.ts";
import { checkOrigin } from "./origin.ts";
import { peerNameOf } from "./peer-name.ts";
import type { TlsServerOptions } from "./tls-options.ts";
import { createTlsServer, secureContextOptions } from "./tls-server.ts";
import { HOLDFAST_PROTOCOL } from "./token-protocol.ts";
import { answerToPage } from "./web-page-guard.ts";
import { WebSocketPort } from "./websocket-port.ts";

const GOING_AWAY = 1001;
/** How often it is looked whether handshakes are over. */
const HANDSHAKE_LOOK_MS = 2;

function tlsFailure(error: Error): HttpAnswer {
  return { status: 0, body: `the TLS handshake failed: ${error.message}` };
}

/**
 * Listen for websockets.
 *
 * Besides the handshake it answers `GET` and `HEAD` for the paths of its health with 200, for those of its readiness with 200 or 503. Requests of web pages are refused with 403: every one
 * with an `Origin` header that was not allowed, and handshakes with a `Sec-Fetch-Site`, or on loopback with a `Host` that is neither an IP address
 * nor `localhost`.
 *
 * @throws RangeError - An allowed origin is none, or there is no `authorize` beside it; there is no place to listen on, or more than one; a
 * path is none that a socket can have.
 * @throws Error - A certificate or key can not be used, or a path is in the hands of others.
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
  readonly #server: Server | TlsServer;
  readonly #webSockets: WebSocketServer;
  readonly #halfOpen: HalfOpen;
  #binding: Binding | undefined;
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
    return this.#binding?.url ?? "";
  }

  get connectionCount(): number {
    return this.#webSockets.clients.size;
  }

  async start(): Promise<void> {
    try {
      this.#binding = await bind(this.#server, this.#options, this.#clock);
    } catch (error) {
      // It may listen already, where nobody finds it.
      this.#server.close();
      throw error;
    }
    this.#server.on("error", (error) => this.#report(error));
  }

  setTls(options: TlsServerOptions): void {
    if (!("setSecureContext" in this.#server)) throw new Error("this listener does not speak TLS");
    if (this.#options.tls?.clientCa !== undefined && options.clientCa === undefined) {
      throw new Error("this listener asks clients for a certificate: say whose");
    }
    this.#server.setSecureContext(secureContextOptions(options));
  }

  get descriptor(): number | undefined {
    const { _handle: handle } = this.#server as { readonly _handle?: { readonly fd?: number } | null };
    return handle?.fd;
  }

  stopListening(patienceMs: number): Promise<void> {
    return new Promise((resolve) => {
      if (this.#server.listening) this.#server.close();
      const end = this.#clock.now() + patienceMs;
      const look = (): void => {
        if (this.#halfOpen.size === 0 || this.#clock.now() >= end) resolve();
        else this.#clock.after(HANDSHAKE_LOOK_MS, look);
      };
      look();
    });
  }

  close(reason = "the server is shutting down"): Promise<void> {
    this.#closing ??= this.#shutDown(reason);
    return this.#closing;
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }

  #createHttpServer(): Server | TlsServer {
    const handshakeTimeoutMs = this.#handshakeTimeoutMs;
    const bounds = {
      headersTimeout: handshakeTimeoutMs,
      requestTimeout: handshakeTimeoutMs,
      connectionsCheckingInterval: Math.max(100, handshakeTimeoutMs >> 2),
      noDelay: true,
    };
    const { tls } = this.#options;
    const server = tls === undefined ? createServer(bounds) : createTlsServer(tls, bounds);
    server.on("connection", (socket: Socket) => this.#halfOpen.add(socket));
    server.on("tlsClientError", (error: Error, socket: TLSSocket) => {
      this.#tell(tlsFailure(error), peerNameOf(tcpBelow(socket)));
    });
    server.on("request", (request, response) => void this.#onRequest(request, response));
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

  async #onRequest(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const { onRequest } = this.#options;
    if (onRequest === undefined) {
      respond(response, answerByRoute(request, this.#routes, this.#isReady) ?? answerWithoutUpgrade(request));
      return;
    }
    const probe = answerToPageOrProbe(request, this.#routes, this.#isReady);
    const answer = probe ?? (await this.#inTime(() => onRequest(new InboundRequest(request))));
    // What is left of a body that was not read would be taken for the next request.
    if (!request.complete) response.shouldKeepAlive = false;
    respond(response, answer);
  }

  /** What answers, in the time there is: 503 after that, and 500 where it throws. */
  async #inTime(answer: () => Promise<HttpAnswer>): Promise<HttpAnswer> {
    const { promise, resolve } = Promise.withResolvers<HttpAnswer>();
    const timer = this.#clock.after(this.#handshakeTimeoutMs, () => resolve({ status: 503, body: "" }));
    try {
      return await Promise.race([answer(), promise]);
    } catch (error) {
      this.#report(error);
      return { status: 500, body: "" };
    } finally {
      timer.cancel();
    }
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
      answerToPage(request, stream.localAddress, this.#allowedOrigins, this.#options.allowedHosts) ??
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
    const connection = inboundConnectionOf(socket);
    if (connection === undefined) return { refusal: { status: 400, body: "" } };
    const { promise, resolve } = Promise.withResolvers<Authorization>();
    const late = { status: 503, body: "it took too long to find out who is connecting" };
    const timer = this.#clock.after(this.#handshakeTimeoutMs, () => resolve({ refusal: late }));
    try {
      return await Promise.race([authorize(request, connection), promise]);
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
    this.#tell(refusal, peerName);
  }

  #tell(refusal: HttpAnswer, peerName: string): void {
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
        masks: false,
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
    this.#binding?.release();
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

/** What TLS runs on, which still knows its far end when TLS has given up. */
function tcpBelow(socket: TLSSocket): Socket {
  const { _parent: tcp } = socket as { readonly _parent?: Socket | null };
  return tcp ?? socket;
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
