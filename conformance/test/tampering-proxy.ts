import { once } from "node:events";
import type { AddressInfo } from "node:net";
import { type RawData, WebSocket, WebSocketServer } from "ws";

/** A way to an executor on which some of what it sends is changed. */
export interface TamperingProxy extends AsyncDisposable {
  readonly url: string;
}

/** @param change - The text that a client gets instead of one that the executor sent. */
export async function startTamperingProxy(
  targetUrl: string,
  change: (text: string) => string,
): Promise<TamperingProxy> {
  const server = new WebSocketServer({ port: 0, host: "127.0.0.1" });
  await once(server, "listening");
  server.on("connection", (near) => {
    const far = new WebSocket(targetUrl);
    const early: string[] = [];
    near.on("message", (data: RawData) => {
      if (far.readyState === WebSocket.OPEN) far.send(String(data));
      else early.push(String(data));
    });
    far.on("open", () => {
      for (const text of early) far.send(text);
    });
    far.on("message", (data: RawData) => near.send(change(String(data))));
    for (const [one, other] of [
      [near, far],
      [far, near],
    ] as const) {
      one.on("error", () => {});
      one.on("close", () => other.terminate());
    }
  });
  return {
    url: `ws://127.0.0.1:${(server.address() as AddressInfo).port}`,
    [Symbol.asyncDispose]: async () => {
      for (const client of server.clients) client.terminate();
      server.close();
      await once(server, "close");
    },
  };
}
