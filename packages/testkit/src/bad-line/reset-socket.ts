import type { Socket } from "node:net";

/**
 * As `resetAndDestroy()`, but for a socket whose end is on its way in this very moment: Node refuses to reset such a one, and leaves it open for good. A
 * copy of what the programs do that are tested: what tests them shares nothing with them.
 */
export function resetSocket(socket: Socket): void {
  const { writableEnded, writableFinished, writableLength } = socket;
  if (writableEnded && !writableFinished && writableLength === 0) socket.once("finish", () => socket.resetAndDestroy());
  else socket.resetAndDestroy();
}
