import { once } from "node:events";
import type { Socket } from "node:net";
import { resetSocket } from "@holdfast/rpc/tcp";
import type { FarEnd } from "./far-end.ts";

/**
 * Join a connection here with one of the executor's machine. Resolves when both are over; rejects with why there was none, or what
 * broke it. Whoever connected here then sees a reset.
 */
export async function join(socket: Socket, open: () => Promise<FarEnd>): Promise<void> {
  const isClosed = once(socket, "close");
  // Told by reading and by `isClosed`.
  socket.on("error", () => {});
  isClosed.catch(() => {});
  try {
    await using far = await open();
    const joined = Promise.all([send(socket, far), receive(far, socket), far.closed]);
    await Promise.race([joined, isClosed.then(() => (socket.writableFinished ? joined : cut()))]);
  } catch (error) {
    resetSocket(socket);
    throw error;
  }
}

function cut(): never {
  throw new Error("the connection here was cut");
}

async function send(socket: Socket, far: FarEnd): Promise<void> {
  for await (const chunk of socket.iterator({ destroyOnReturn: false })) await far.write(chunk as Uint8Array);
  await far.closeStdin();
}

async function receive(far: FarEnd, socket: Socket): Promise<void> {
  for await (const data of far.received()) {
    if (socket.destroyed && !socket.writableFinished) return;
    if (!socket.write(data)) await drained(socket);
  }
  socket.end();
}

/** Resolves when there is room, or when there is nobody any more. Leaves no listener behind. */
async function drained(socket: Socket): Promise<void> {
  const settled = new AbortController();
  const { signal } = settled;
  try {
    await Promise.race([once(socket, "drain", { signal }), once(socket, "close", { signal })]);
  } finally {
    settled.abort();
  }
}
