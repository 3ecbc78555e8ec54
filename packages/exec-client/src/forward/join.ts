import { once } from "node:events";
import type { Socket } from "node:net";
import type { RunningProcess } from "../process/running-process.ts";

/** What is kept of why a connection broke there, about. */
const REASON_MAX_CHARACTERS = 1_024;

/**
 * Join a connection here with one of the executor's machine. Resolves when both are over; rejects with why there was none, or what
 * broke it. Whoever connected here then sees a reset.
 */
export async function join(socket: Socket, open: () => Promise<RunningProcess>): Promise<void> {
  const isClosed = once(socket, "close");
  // Told by reading and by `isClosed`.
  socket.on("error", () => {});
  isClosed.catch(() => {});
  try {
    await using far = await open();
    const received = receive(far, socket);
    const joined = Promise.all([send(socket, far), received]);
    await Promise.race([joined, isClosed.then(() => (socket.writableFinished ? received : cut()))]);
  } catch (error) {
    socket.resetAndDestroy();
    throw error;
  }
}

function cut(): never {
  throw new Error("the connection here was cut");
}

async function send(socket: Socket, far: RunningProcess): Promise<void> {
  for await (const chunk of socket.iterator({ destroyOnReturn: false })) await far.write(chunk as Uint8Array);
  await far.closeStdin();
}

/** Not by the stream of its output, which ends when both directions are over. */
async function receive(far: RunningProcess, socket: Socket): Promise<void> {
  let reason = "";
  const decoder = new TextDecoder();
  for await (const event of far.events()) {
    if (socket.destroyed && !socket.writableFinished) return;
    if (event.type === "exited") {
      if (event.exitCode !== 0)
        throw new Error(`the connection there broke: ${reason || `exit code ${event.exitCode}`}`);
      socket.end();
    } else if (event.type === "output" && event.stream === "stderr") {
      if (reason.length < REASON_MAX_CHARACTERS) reason += decoder.decode(event.data, { stream: true });
    } else if (event.type === "output" && !socket.write(event.data)) {
      await drained(socket);
    }
  }
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
