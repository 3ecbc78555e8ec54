import { type FramePort, shownUrl } from "@holdfast/rpc";
import { InvalidArgumentError } from "../../errors.ts";
import { INBOUND_MESSAGE_MAX_BYTES, PING_INTERVAL_MS, PONG_TIMEOUT_MS } from "../../limits.ts";
import type { DialOptions } from "./dial-options.ts";
import { checkSshTarget, dialSshTarget } from "./ssh-target.ts";

/** How each kind of URL is dialled. Loaded when it is asked for: who goes one way needs not the others, and some platforms lack them. */
const SCHEMES: Readonly<Record<string, (url: URL, options: DialOptions) => Promise<FramePort>>> = {
  "ws:": dialWebSocket,
  "wss:": dialWebSocket,
  "unix:": dialWebSocket,
  "ssh:": (ssh, options) => dialSshTarget({ ssh }, options),
};

/** The kinds, for messages. */
export const URL_KINDS = "a ws:, wss:, unix: or ssh: URL";

const WEBSOCKET_BOUNDS = {
  maxMessageBytes: INBOUND_MESSAGE_MAX_BYTES,
  // A connection that went silent must be noticed, or every call on it would wait for good.
  pongTimeoutMs: PONG_TIMEOUT_MS,
};

/** @throws InvalidArgumentError it is no URL of a known kind. */
export function checkUrlTarget(target: string | URL): void {
  const { url } = parse(target);
  if (url.protocol === "ssh:") checkSshTarget({ ssh: url });
}

/** @throws LinkError `closed`, `timeout` or `aborted`, delivery `not-sent`. */
export async function dialUrl(target: string | URL, options: DialOptions): Promise<FramePort> {
  const { url, dial } = parse(target);
  return await dial(url, options);
}

function parse(target: string | URL) {
  const url = URL.parse(String(target));
  const dial = url !== null && Object.hasOwn(SCHEMES, url.protocol) ? SCHEMES[url.protocol] : undefined;
  if (url !== null && dial !== undefined) return { url, dial };
  throw new InvalidArgumentError("target", `target must be ${URL_KINDS}, not ${shownUrl(String(target))}`);
}

async function dialWebSocket({ href }: URL, options: DialOptions): Promise<FramePort> {
  const { connectWebSocket } = await import("@holdfast/rpc/websocket");
  return await connectWebSocket(href, {
    ...WEBSOCKET_BOUNDS,
    ...options,
    pingIntervalMs: options.pingIntervalMs ?? PING_INTERVAL_MS,
  });
}
