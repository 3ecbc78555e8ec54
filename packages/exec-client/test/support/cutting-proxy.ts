import { type AddressInfo, connect, createServer, type Socket } from "node:net";

/** A TCP relay whose connections a test can break in the middle of whatever they carry. */
export interface CuttingProxy extends AsyncDisposable {
  readonly url: string;
  /** Connections taken so far. */
  readonly taken: number;
  /** Destroy every connection at both ends, at once. */
  cut(): void;
  /** Carry nothing more on the connections there are, and do not say so. */
  stall(): void;
}

export const cuttingProxy = async (target: string): Promise<CuttingProxy> => {
  const { hostname, port } = new URL(target);
  const sockets = new Set<Socket>();
  let taken = 0;
  const follow = (socket: Socket, other: Socket): void => {
    sockets.add(socket);
    socket.pipe(other);
    socket.on("error", () => {});
    socket.on("close", () => {
      sockets.delete(socket);
      other.destroy();
    });
  };
  const server = createServer((near) => {
    taken += 1;
    const far = connect(Number(port), hostname);
    follow(near, far);
    follow(far, near);
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const cut = (): void => {
    for (const socket of sockets) socket.resetAndDestroy();
  };
  return {
    url: `ws://127.0.0.1:${(server.address() as AddressInfo).port}`,
    get taken() {
      return taken;
    },
    cut,
    stall: () => {
      for (const socket of sockets) socket.unpipe().pause();
    },
    [Symbol.asyncDispose]: () => {
      cut();
      return new Promise((resolve) => void server.close(() => resolve()));
    },
  };
};
