import type { FramePort } from "@holdfast/rpc";
import type { PortPair, PortPairOptions } from "@holdfast/rpc/testing";
import {
  type ConnectWebSocketOptions,
  connectWebSocket,
  type ListenWebSocketOptions,
  listenWebSocket,
} from "@holdfast/rpc/websocket";

/** A client port and the server port it reached, over loopback or a unix socket. */
export async function webSocketPair(
  options: PortPairOptions = {},
  server: Partial<ListenWebSocketOptions> = {},
  client: ConnectWebSocketOptions = {},
): Promise<PortPair & { readonly url: string }> {
  let accept: (port: FramePort) => void = () => {};
  const accepted = new Promise<FramePort>((resolve) => {
    accept = resolve;
  });
  const place = server.path === undefined ? { host: "127.0.0.1", port: 0 } : {};
  const listener = await listenWebSocket({ ...place, onPort: accept, ...options, ...server });
  const left = await connectWebSocket(listener.url, { ...options, ...client });
  const right = await accepted;
  return {
    left,
    right,
    url: listener.url,
    [Symbol.asyncDispose]: async () => {
      left.destroy("the test is over");
      await listener.close();
    },
  };
}
