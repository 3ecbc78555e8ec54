import type { FramePort } from "@holdfast/rpc";
import type { PortPair, PortPairOptions } from "@holdfast/rpc/testing";
import { connectWebSocket, type ListenWebSocketOptions, listenWebSocket } from "@holdfast/rpc/websocket";

/** A client port and the server port it reached, over loopback. */
export async function webSocketPair(
  options: PortPairOptions = {},
  server: Partial<ListenWebSocketOptions> = {},
): Promise<PortPair & { readonly url: string }> {
  let accept: (port: FramePort) => void = () => {};
  const accepted = new Promise<FramePort>((resolve) => {
    accept = resolve;
  });
  const listener = await listenWebSocket({ host: "127.0.0.1", port: 0, onPort: accept, ...options, ...server });
  const left = await connectWebSocket(listener.url, options);
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
