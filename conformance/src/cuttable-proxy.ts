import { once } from "node:events";
import { type AddressInfo, connect, createServer, type Socket } from "node:net";

/** A TCP line to an executor that can be cut; the next connection goes through again. */
export interface CuttableProxy extends AsyncDisposable {
  readonly url: string;
  /** Connections that were accepted so far. */
  readonly connectionCount: number;
  /** Reset every connection, at both ends, in the middle of whatever passes. */
  cut(): void;
}

/** Stand between a client and the executor at `targetUrl`. Either side's end ends the other. */
export async function startCuttableProxy(targetUrl: string): Promise<CuttableProxy> {
  const target = new URL(targetUrl);
  const sockets = new Set<Socket>();
  let connectionCount = 0;
  const join = (from: Socket, to: Socket): void => {
    sockets.add(from);
    from.on("error", () => to.destroy());
    from.on("close", () => {
      sockets.delete(from);
      to.destroy();
    });
    from.setNoDelay(true);
    from.pipe(to);
  };
  const server = createServer((near) => {
    connectionCount += 1;
    const far = connect(Number(target.port), target.hostname);
    join(near, far);
    join(far, near);
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address() as AddressInfo;
  const cut = (): void => {
    for (const socket of [...sockets]) socket.resetAndDestroy();
  };
  return {
    url: `ws://127.0.0.1:${port}`,
    get connectionCount() {
      return connectionCount;
    },
    cut,
    [Symbol.asyncDispose]: async () => {
      cut();
      server.close();
      await once(server, "close");
    },
  };
}
