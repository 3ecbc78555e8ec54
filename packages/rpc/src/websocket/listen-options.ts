import type { IncomingMessage } from "node:http";
import type { Clock } from "../clock.ts";
import type { FramePort } from "../frame-port.ts";
import type { Authorize, Principal } from "./authorization.ts";
import type { HttpAnswer, Routes } from "./http-answer.ts";
import type { InboundRequest } from "./inbound-request.ts";
import type { TlsServerOptions } from "./tls-options.ts";

/** Options of `listenWebSocket`. It listens on `host` and `port`, on `path`, or on `descriptor`. */
export interface ListenWebSocketOptions {
  /** Address to bind, e.g. `127.0.0.1`. */
  readonly host?: string | undefined;
  /** Port to bind. 0 takes any free port; see {@link WebSocketListener.url}. */
  readonly port?: number | undefined;
  /**
   * Absolute path of a unix socket to make, with mode 0600. A socket of this user that answers nobody is replaced; its folder must be one where
   * no other user could put another one. With `descriptor`: where that socket is found; it is neither made nor removed.
   */
  readonly path?: string | undefined;
  /** A socket that listens already, of which this process has the descriptor. */
  readonly descriptor?: number | undefined;
  /** Take `path` away at the end although the socket was given: this listener goes on for the one that made it. Default false. */
  readonly ownsPath?: boolean | undefined;
  /** Speak TLS, on `host` and `port` or a `descriptor` of TCP. Default: plain. */
  readonly tls?: TlsServerOptions | undefined;
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
  /**
   * Answers requests that are neither handshakes nor about health or readiness, on every path. They have passed the checks for web pages by
   * `Origin`, and nothing else. Throwing answers 500; what takes longer than `handshakeTimeoutMs` is answered 503. Default: they are refused.
   */
  readonly onRequest?: ((request: InboundRequest) => Promise<HttpAnswer>) | undefined;
  /**
   * Names by which this listener is addressed on loopback besides `localhost` and IP addresses: those of a proxy on this machine that hands the
   * `Host` on as it came. Default: none.
   */
  readonly allowedHosts?: readonly string[] | undefined;
  /** Whether new clients are wanted, for who asks for readiness; while the listener closes they are not. Default: always. */
  readonly isReady?: (() => boolean) | undefined;
  /**
   * Called for each handshake that was refused: how, and the address and port it came from, `unix` for a unix socket. A failed handshake of TLS
   * counts as one with status 0. Default: nothing.
   */
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
  /** `ws://host:port` with the port that was really bound, `wss://host:port` with TLS, or `unix://` and a path. */
  readonly url: string;
  /** Websockets that are open now. */
  readonly connectionCount: number;
  /** The descriptor that it listens on; `undefined` when it does not any more. */
  readonly descriptor: number | undefined;
  /**
   * Close the descriptor that it listens on, and leave all connections and the name of a socket as they are. Who comes from now on waits for
   * whoever else holds the socket. Resolves when every handshake that had begun is over, or when time is up.
   *
   * @param patienceMs - Milliseconds that handshakes get.
   */
  stopListening(patienceMs: number): Promise<void>;
  /**
   * Stop listening and end every connection with code 1001; those that linger are cut after the grace. Resolves when
   * all are gone. Idempotent.
   *
   * @param reason - Sent to every client. Default `the server is shutting down`.
   */
  close(reason?: string): Promise<void>;
  /**
   * Use another certificate from the next connection on. Whether clients are asked for one does not change.
   *
   * @throws Error - It can not be used, or clients are asked for a certificate and `clientCa` is missing: the former one stays. Or the
   * listener does not speak TLS.
   */
  setTls(options: TlsServerOptions): void;
}
