import { type Clock, systemClock } from "../clock.ts";
import { abortedBy, LinkError } from "../errors.ts";
import type { FramePort } from "../frame-port.ts";
import { shownUrl } from "../shown-url.ts";
import { waterMarksOf } from "../water-marks.ts";
import type { ConnectWebSocketOptions } from "./connect-options.ts";
import { WEBSOCKET_LIMITS } from "./limits.ts";
import { PlatformWebSocketPort } from "./platform-port.ts";
import { protocolsWithToken } from "./token-protocol.ts";

/** Where headers can be given, they are in an object in the place of the names of protocols. */
type WithHeaders = new (
  url: string,
  options: { readonly headers: Readonly<Record<string, string>>; readonly protocols: readonly string[] },
) => WebSocket;

/**
 * Connect to a websocket listener by the `WebSocket` of the platform: a browser's, or that of Bun.
 *
 * There, no pings can be sent, and nobody stops reading: `pingIntervalMs`, `pongTimeoutMs` and `maxFrameBytes` are without effect, a far
 * end that vanished is noticed by its port's `askForSigns` alone, and a line on which more than 64 MiB lie unread is ended. A browser sends no headers, either.
 *
 * @param url - `ws:` or `wss:`.
 * @throws LinkError delivery `not-sent`: `timeout`, `aborted`, or `closed` for everything else. A browser does not say why.
 */
export function connectPlatformWebSocket(url: string, options: ConnectWebSocketOptions = {}): Promise<FramePort> {
  const { signal, connectTimeoutMs = WEBSOCKET_LIMITS.connectTimeoutMs } = options;
  const clock: Clock = options.clock ?? systemClock;
  const waterMarks = waterMarksOf(options);
  const failed = (text: string, code: "closed" | "timeout", cause?: unknown) =>
    new LinkError(code, `cannot connect to ${shownUrl(url)}: ${text}`, { delivery: "not-sent", cause });
  const aborted = (by: AbortSignal) =>
    abortedBy(by, `cannot connect to ${shownUrl(url)}: the attempt`, { delivery: "not-sent" });
  return new Promise((resolve, reject) => {
    if (signal?.aborted === true) {
      reject(aborted(signal));
      return;
    }
    let webSocket: WebSocket;
    try {
      webSocket = open(url, options);
    } catch (error) {
      const reason = error instanceof Error ? error.message : String(error);
      reject(failed(`the URL is not usable: ${reason.replaceAll(url, shownUrl(url))}`, "closed", error));
      return;
    }
    webSocket.binaryType = "arraybuffer";
    const giveUp = (error: LinkError): void => {
      stopWaiting();
      reject(error);
      webSocket.close();
    };
    const onOpen = (): void => {
      stopWaiting();
      const { maxMessageBytes = WEBSOCKET_LIMITS.maxMessageBytes } = options;
      resolve(new PlatformWebSocketPort({ webSocket, peerName: hostOf(url), waterMarks, maxMessageBytes, clock }));
    };
    const onError = (event: Event): void => giveUp(failed(complaintOf(event), "closed"));
    const onClose = ({ code }: CloseEvent): void =>
      giveUp(failed(`the connection was closed during the handshake (${code})`, "closed"));
    const onAbort = (): void => {
      if (signal !== undefined) giveUp(aborted(signal));
    };
    const timer = clock.after(connectTimeoutMs, () =>
      giveUp(failed(`the handshake was not finished within ${connectTimeoutMs} ms`, "timeout")),
    );
    const stopWaiting = (): void => {
      timer.cancel();
      signal?.removeEventListener("abort", onAbort);
      webSocket.removeEventListener("open", onOpen);
      webSocket.removeEventListener("close", onClose);
      // The listener for errors stays: giving up makes the websocket complain once more, and some platforms throw what nobody hears.
    };
    signal?.addEventListener("abort", onAbort, { once: true });
    webSocket.addEventListener("open", onOpen, { once: true });
    webSocket.addEventListener("close", onClose, { once: true });
    webSocket.addEventListener("error", onError);
  });
}

function open(url: string, { headers, token }: ConnectWebSocketOptions): WebSocket {
  const protocols = token === undefined ? [] : [...protocolsWithToken(token)];
  if (headers === undefined || Object.keys(headers).length === 0) return new WebSocket(url, protocols);
  if (isBrowser()) throw new Error("a browser sends no headers of a websocket, so none can be given");
  return new (WebSocket as unknown as WithHeaders)(url, { headers, protocols });
}

/** A page, or a worker of one. */
function isBrowser(): boolean {
  return !("Bun" in globalThis) && !("Deno" in globalThis) && !("process" in globalThis);
}

/** Bun says why; a browser keeps it from the page. */
function complaintOf(event: Event): string {
  return "message" in event && typeof event.message === "string" && event.message !== ""
    ? event.message
    : "the platform gives no reason; is it reachable from here, and does it let this origin in?";
}

function hostOf(url: string): string {
  return URL.parse(url)?.host ?? "";
}
