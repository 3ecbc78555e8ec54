import type { Socket } from "node:net";

/** Starts a connection to an address. Half-open: the end of one direction does not end the other. */
export type Connect = (address: string, port: number) => Socket;

/** Where to, and for how long to try. */
export interface DialTarget {
  readonly addresses: readonly string[];
  readonly port: number;
  readonly timeoutMs: number;
  /** Gives up at once. */
  readonly signal: AbortSignal;
}

/** More addresses than this are not tried. */
const MAX_TRIES = 8;

/** The first connection that comes about, the addresses in their order; `undefined` when none does in time. */
export async function dial(connect: Connect, target: DialTarget): Promise<Socket | undefined> {
  const signal = AbortSignal.any([target.signal, AbortSignal.timeout(target.timeoutMs)]);
  for (const address of target.addresses.slice(0, MAX_TRIES)) {
    const socket = signal.aborted ? undefined : await attempt(connect(address, target.port), signal);
    if (socket !== undefined) return socket;
  }
  return undefined;
}

function attempt(socket: Socket, signal: AbortSignal): Promise<Socket | undefined> {
  const { promise, resolve } = Promise.withResolvers<Socket | undefined>();
  const giveUp = () => {
    socket.destroy();
    resolve(undefined);
  };
  const onConnect = () => {
    signal.removeEventListener("abort", giveUp);
    socket.off("close", giveUp);
    resolve(socket);
  };
  // Stays for the life of the connection: the end of a socket is seen at its close, and an error must have a listener.
  socket.on("error", () => {});
  socket.once("close", giveUp);
  socket.once("connect", onConnect);
  signal.addEventListener("abort", giveUp, { once: true });
  return promise;
}
