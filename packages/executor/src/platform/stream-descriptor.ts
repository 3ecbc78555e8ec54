import type { Readable, Writable } from "node:stream";

/** The part of a stream's handle that tells what it stands for, and how far the system is with what was written. */
interface StreamHandle {
  readonly fd?: number;
  /** Bytes that were given to the handle. */
  readonly bytesWritten?: number;
  /** Those of them that the system has not taken yet. */
  readonly writeQueueSize?: number;
}

function handleOf(stream: object): StreamHandle | null | undefined {
  return (stream as { readonly _handle?: StreamHandle | null })._handle;
}

/** The descriptor behind a socket or a terminal, which the stream closes; `undefined` once it has. */
export function descriptorOf(stream: Readable | Writable): number | undefined {
  const fd = handleOf(stream)?.fd;
  return fd === undefined || fd < 0 ? undefined : fd;
}

/** The descriptor on which a server of `node:net` listens, which it closes; `undefined` once it has. */
export function listeningDescriptor(server: object): number | undefined {
  const fd = handleOf(server)?.fd;
  return fd === undefined || fd < 0 ? undefined : fd;
}

/** Bytes that were written to a socket or a terminal and that the system has not taken yet: half a write may be among them. */
export function untakenBytes(stream: Writable & { readonly bytesWritten?: number }): number {
  const handle = handleOf(stream);
  if (handle?.bytesWritten === undefined) return 0;
  const { bytesWritten: given, writeQueueSize = 0 } = handle;
  return (stream.bytesWritten ?? given) - given + writeQueueSize;
}
