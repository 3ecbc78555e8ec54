import type { FramePort } from "@holdfast/rpc";
import type { PortPair, PortPairOptions } from "@holdfast/rpc/testing";
import {
  type ConnectWebSocketOptions,
  connectWebSocket,
  type ListenWebSocketOptions,
  listenWebSocket,
} from "@holdfast/rpc/websocket";

/**
 * A client port and the server port it reached, over loopback or a unix socket.
 *
 * @param host - Another name for this machine, by which the client does not know it.
 */
export async function webSocketPair(
  options: PortPairOptions = {},
  server: Partial<ListenWebSocketOptions> = {},
  client: ConnectWebSocketOptions = {},
  host?: string,
): Promise<PortPair & { readonly url: string }> {
  let accept: (port: FramePort) => void = () => {};
  const accepted = new Promise<FramePort>((resolve) => {
    accept = resolve;
  });
  const place = server.path === undefined ? { host: "127.0.0.1", port: 0 } : {};
  const listener = await listenWebSocket({ ...place, onPort: accept, ...options, ...server });
  const url = host === undefined ? listener.url : listener.url.replace("127.0.0.1", host);
  const left = await connectWebSocket(url, { ...options, ...client });
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
