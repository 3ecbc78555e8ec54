import { once } from "node:events";
import type { AddressInfo } from "node:net";
import { type RawData, WebSocket, WebSocketServer } from "ws";

/** A way to an executor on which some of what it sends is changed. */
export interface TamperingProxy extends AsyncDisposable {
  readonly url: string;
}

/** @param change - The message that a client gets instead of one that the executor sent: a text stays one, and a binary one as well. */
export async function startTamperingProxy(
  targetUrl: string,
  change: (message: Buffer) => Buffer,
): Promise<TamperingProxy> {
  const server = new WebSocketServer({ port: 0, host: "127.0.0.1" });
  await once(server, "listening");
  server.on("connection", (near) => {
    const far = new WebSocket(targetUrl);
    const early: (() => void)[] = [];
    near.on("message", (data: RawData, binary: boolean) => {
      if (far.readyState === WebSocket.OPEN) far.send(data, { binary });
      else early.push(() => far.send(data, { binary }));
    });
    far.on("open", () => {
      for (const send of early) send();
    });
    far.on("message", (data: RawData, binary: boolean) => near.send(change(data as Buffer), { binary }));
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
