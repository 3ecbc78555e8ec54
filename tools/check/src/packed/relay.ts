import { once } from "node:events";
import { type AddressInfo, connect, createServer } from "node:net";

/** A line to a server on this machine. */
export interface Relay extends AsyncDisposable {
  readonly port: number;
  /** Whether the cut was made. */
  readonly isCut: boolean;
}

/**
 * Relay to a port, and cut the first connection when so many bytes came back on it: the line of a session that is lost in the middle. Those
 * that a client opens besides, for bodies over HTTP, end what they carry when they are cut.
 */
export async function cuttingRelay(port: number, cutAfterBytes: number): Promise<Relay> {
  let isCut = false;
  let connections = 0;
  const sockets = new Set<{ destroy(): void }>();
  const server = createServer((near) => {
    connections += 1;
    const isFirst = connections === 1;
    const far = connect(port, "127.0.0.1");
    let bytes = 0;
    far.on("data", (chunk) => {
      bytes += chunk.length;
      if (!isFirst || isCut || bytes < cutAfterBytes) return;
      isCut = true;
      near.destroy();
      far.destroy();
    });
    for (const socket of [near, far]) {
      sockets.add(socket);
      socket
        .on("error", () => {})
        .on("close", () => {
          sockets.delete(socket);
          near.destroy();
          far.destroy();
        });
    }
    near.pipe(far).pipe(near);
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  return {
    port: (server.address() as AddressInfo).port,
    get isCut() {
      return isCut;
    },
    [Symbol.asyncDispose]: async () => {
      for (const socket of sockets) socket.destroy();
      server.close();
      await once(server, "close");
    },
  };
}
