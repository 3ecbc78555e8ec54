import type { Socket } from "node:net";

/**
 * Close a TCP connection by a reset, so that the far end does not take what it has for the whole.
 *
 * As `resetAndDestroy()`, but for a socket whose end is on its way in this very moment: Node refuses to reset such a one (`EINVAL`), and leaves it open for
 * good, without a `close`; a program with it does not end by itself any more. That one is reset when its end is out, a turn of the event loop later.
 */
export function resetSocket(socket: Socket): void {
  const { writableEnded, writableFinished, writableLength } = socket;
  // While something waits to be written, the end is not on its way.
  if (writableEnded && !writableFinished && writableLength === 0) socket.once("finish", () => socket.resetAndDestroy());
  else socket.resetAndDestroy();
}
