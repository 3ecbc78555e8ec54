import type { FramePort } from "../../frame-port.ts";
import { CLIENT_LIMITS } from "../limits.ts";
import type { DialOptions } from "./dial-options.ts";

/**
 * Open a websocket to a `ws:`, `wss:` or `unix:` URL, with the bounds of clients. It is pinged: a connection that went silent must be noticed,
 * or every call on it would wait for good.
 *
 * @throws LinkError `closed`, `timeout` or `aborted`, delivery `not-sent`.
 */
export async function dialSocket({ href }: URL, options: DialOptions): Promise<FramePort> {
  // By its name, so that browsers get theirs. Loaded when it is asked for: some platforms lack it.
  const { connectWebSocket } = await import("@holdfast/rpc/websocket");
  return await connectWebSocket(href, {
    maxMessageBytes: CLIENT_LIMITS.maxInboundMessageBytes,
    ...options,
    pingIntervalMs: options.pingIntervalMs ?? CLIENT_LIMITS.pingIntervalMs,
    pongTimeoutMs: options.pongTimeoutMs ?? CLIENT_LIMITS.pongTimeoutMs,
  });
}
