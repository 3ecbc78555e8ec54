import type { Socket } from "node:net";
import type { Writable } from "node:stream";

/** The part of a socket's handle that tells how much of a write is still to go. Node's own timeouts look at it, too. */
interface WriteHandle {
  readonly writeQueueSize?: number;
}

/**
 * A number that changes whenever the operating system has taken bytes from a socket. What a socket tells by itself changes only when
 * a whole write is done: one of some megabytes can take a slow line longer than a peer may be silent.
 *
 * Of another stream it is what the stream knows of itself.
 */
export function writeProgress(stream: Socket | Writable): number {
  const { _handle: handle } = stream as { readonly _handle?: WriteHandle | null };
  const written = "bytesWritten" in stream ? stream.bytesWritten : 0;
  return written - stream.writableLength - (handle?.writeQueueSize ?? 0);
}
