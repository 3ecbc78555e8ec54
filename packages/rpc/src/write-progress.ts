import type { Socket } from "node:net";

/** The part of a socket's handle that tells how much of a write is still to go. Node's own timeouts look at it, too. */
interface WriteHandle {
  readonly writeQueueSize?: number;
}

/**
 * A number that changes whenever the operating system has taken bytes from a socket. What a socket tells by itself changes only when
 * a whole write is done: one of some megabytes can take a slow line longer than a peer may be silent.
 */
export function writeProgress(socket: Socket): number {
  const { _handle: handle } = socket as { readonly _handle?: WriteHandle | null };
  return socket.bytesWritten - socket.writableLength - (handle?.writeQueueSize ?? 0);
}
