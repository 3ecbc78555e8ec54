import { connect as connectSocket, type Socket } from "node:net";
import { type ClientOptions, WebSocket } from "ws";
import { systemClock } from "../clock.ts";
import { describeAbort, LinkError, type LinkErrorCode } from "../errors.ts";
import type { FramePort } from "../frame-port.ts";
import { isLoopbackHost } from "../loopback-host.ts";
import { shownUrl } from "../shown-url.ts";
import { followToOwnSocket, isSocketUrl, socketPathOf } from "../unix-socket/socket-path.ts";
import { waterMarksOf } from "../water-marks.ts";
import type { ConnectWebSocketOptions } from "./connect-options.ts";
import { readRefusal } from "./handshake-refused.ts";
import { WEBSOCKET_LIMITS } from "./limits.ts";
import { peerNameOf } from "./peer-name.ts";
import { connectPlatformWebSocket } from "./platform-connect.ts";
import { WebSocketPort } from "./websocket-port.ts";

const LOCAL_URL = "ws://localhost/";

/**
 * Connect to a websocket listener.
 *
 * @param url - `ws:`, `wss:`, or `unix://` and the absolute path of a unix socket. Such a socket, and a link to it, must be of this user or
 * root, and in a folder where no other user could put another one.
 * @throws LinkError delivery `not-sent`: `timeout`, `aborted`, or `closed` for everything else (a bad URL, a refused
 * connection, an answer other than 101).
 */
export function connectWebSocket(url: string, options: ConnectWebSocketOptions = {}): Promise<FramePort> {
  // What Bun puts in the place of `ws` has no socket: no pings, no measure of what is queued.
  if ("Bun" in globalThis) return connectPlatformWebSocket(url, options);
  return new Promise((resolve, reject) => {
    const attempt = new ConnectAttempt(url, options, resolve, reject);
    attempt.start();
  });
}

/** Whether all bytes stay on this machine. */
function staysHere(url: string): boolean {
  return isSocketUrl(url) || isLoopbackHost(URL.parse(url)?.hostname ?? "");
}

/**
 * Bytes are masked so that no machine on their way takes them for requests of its own (RFC 6455, 10.3). Where there is none, a mask of zeros
 * spares both ends a walk over all of them.
 */
function leaveBare(mask: Buffer): void {
  mask.fill(0);
}

class ConnectAttempt {
  readonly #url: string;
  readonly #options: ConnectWebSocketOptions;
  readonly #resolve: (port: FramePort) => void;
  readonly #reject: (error: LinkError) => void;
  #stopWaiting: () => void = () => {};

  constructor(
    url: string,
    options: ConnectWebSocketOptions,
    resolve: (port: FramePort) => void,
    reject: (error: LinkError) => void,
  ) {
    this.#url = url;
    this.#options = options;
    this.#resolve = resolve;
    this.#reject = reject;
  }

  start(): void {
    const { signal, connectTimeoutMs = WEBSOCKET_LIMITS.connectTimeoutMs } = this.#options;
    if (signal?.aborted === true) {
      this.#fail("aborted", abortText(signal), signal.reason);
      return;
    }
    let webSocket: WebSocket;
    try {
      webSocket = this.#open();
    } catch (error) {
      const isAboutUrl = error instanceof RangeError || error instanceof SyntaxError;
      this.#fail("closed", `${isAboutUrl ? "the URL is not usable: " : ""}${messageOf(error)}`, error);
      return;
    }
    this.#follow(webSocket);
    this.#limit(webSocket, connectTimeoutMs, signal);
  }

  #open(): WebSocket {
    if (!isSocketUrl(this.#url)) return new WebSocket(this.#url, this.#clientOptions());
    // Whoever could put a socket there would be told all that an executor is.
    const path = followToOwnSocket(socketPathOf(this.#url));
    // The name is what a listener on loopback takes for one of its own machine.
    return new WebSocket(LOCAL_URL, { ...this.#clientOptions(), createConnection: () => connectSocket(path) });
  }

  #clientOptions(): ClientOptions & { closeTimeout: number } {
    const { ca, clientCertificate } = this.#options;
    return {
      ...(ca === undefined ? {} : { ca }),
      ...clientCertificate,
      perMessageDeflate: false,
      followRedirects: false,
      // The codec reads every message anyway and answers what it cannot read.
      skipUTF8Validation: true,
      maxPayload: this.#options.maxMessageBytes ?? WEBSOCKET_LIMITS.maxMessageBytes,
      closeTimeout: WEBSOCKET_LIMITS.closeTimeoutMs,
      headers: headersOf(this.#options),
      ...(staysHere(this.#url) ? { generateMask: leaveBare } : {}),
    };
  }

  #follow(webSocket: WebSocket): void {
    let socket: Socket | undefined;
    webSocket.on("upgrade", (response) => {
      socket = response.socket;
    });
    webSocket.once("open", () => {
      this.#stopWaiting();
      if (socket === undefined) return;
      this.#resolve(this.#createPort(webSocket, socket));
    });
    webSocket.once("unexpected-response", (request, response) => {
      readRefusal(response, this.#options.clock ?? systemClock, (refusal) => {
        request.destroy();
        this.#fail("closed", refusal.message, refusal);
      });
    });
    // Stays on: giving up makes the websocket complain once more.
    webSocket.on("error", (error) => this.#fail("closed", messageOf(error), error));
  }

  #createPort(webSocket: WebSocket, socket: Socket): FramePort {
    const maxMessageBytes = this.#options.maxMessageBytes ?? WEBSOCKET_LIMITS.maxMessageBytes;
    return new WebSocketPort({
      webSocket,
      socket,
      peerName: peerNameOf(socket),
      side: "client",
      masks: !staysHere(this.#url),
      waterMarks: waterMarksOf(this.#options),
      frameLimits: { maxMessageBytes, maxFrameBytes: this.#options.maxFrameBytes ?? maxMessageBytes },
      clock: this.#options.clock ?? systemClock,
      pingIntervalMs: this.#options.pingIntervalMs,
      pongTimeoutMs: this.#options.pongTimeoutMs,
    });
  }

  #limit(webSocket: WebSocket, connectTimeoutMs: number, signal: AbortSignal | undefined): void {
    const clock = this.#options.clock ?? systemClock;
    const timer = clock.after(connectTimeoutMs, () => {
      this.#fail("timeout", `the handshake was not finished within ${connectTimeoutMs} ms`);
      webSocket.terminate();
    });
    const onAbort = (): void => {
      this.#fail("aborted", abortText(signal), signal?.reason);
      webSocket.terminate();
    };
    signal?.addEventListener("abort", onAbort, { once: true });
    this.#stopWaiting = () => {
      timer.cancel();
      signal?.removeEventListener("abort", onAbort);
    };
  }

  #fail(code: LinkErrorCode, text: string, cause?: unknown): void {
    this.#stopWaiting();
    const shown = shownUrl(this.#url);
    const message = `cannot connect to ${shown}: ${text.replaceAll(this.#url, shown)}`;
    this.#reject(new LinkError(code, message, { delivery: "not-sent", cause }));
  }
}

function abortText(signal: AbortSignal | undefined): string {
  return `the attempt ${describeAbort(signal?.reason)}`;
}

function headersOf({ headers, token }: ConnectWebSocketOptions): Record<string, string> {
  return { ...headers, ...(token === undefined ? {} : { Authorization: `Bearer ${token}` }) };
}

/** The text of an error. A name with several addresses fails with one error per address and no text of its own. */
function messageOf(error: unknown): string {
  if (error instanceof AggregateError && error.message === "") return error.errors.map(messageOf).join("; ");
  return error instanceof Error ? error.message : String(error);
}
