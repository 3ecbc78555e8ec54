import { createServer, type Socket } from "node:net";

/** A port where connections are taken and nothing is ever said. */
export interface SilentPort extends AsyncDisposable {
  readonly url: string;
  /** How many connections there were. */
  readonly connections: () => number;
  /** How many are there now. */
  readonly openCount: () => number;
}

export async function silentPort(): Promise<SilentPort> {
  const sockets = new Set<Socket>();
  const server = createServer((socket) => sockets.add(socket.on("error", () => {}).resume()));
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const address = server.address();
  if (typeof address !== "object" || address === null) throw new Error("it listens on no port");
  return {
    url: `ws://127.0.0.1:${address.port}`,
    connections: () => sockets.size,
    openCount: () => [...sockets].filter(({ closed }) => !closed).length,
    async [Symbol.asyncDispose]() {
      for (const socket of sockets) socket.destroy();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}
