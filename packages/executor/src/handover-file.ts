import { closeSync, fstatSync, readSync, writevSync } from "node:fs";
import type { HandedState, HandedText } from "./handed-state.ts";
import type { HandedBytes, OutgoingBytes } from "./platform/handed-bytes.ts";
import { makeMemoryFile } from "./platform/memory-file.ts";
import { processIdentity } from "./platform/process-identity.ts";

/** Version of what is in such a file: another one with every change of `HandedText` that an older reader would not understand. */
export const HANDOVER_VERSION = 2;

/** Those that this program can go on with. The first had no listeners of sessions. */
export const READABLE_HANDOVER_VERSIONS: readonly number[] = [1, 2];

const MAGIC = Buffer.from("holdfast");
/** Magic (8 bytes), version (4), length of the text (8). */
const HEADER_BYTES = 20;
const [VERSION_AT, LENGTH_AT] = [8, 12];
/** Pieces that are written by one call, far fewer than a system takes. */
const PIECES_PER_WRITE = 512;

/**
 * Write what the next program needs into a file that only this process has.
 *
 * @returns its descriptor. @throws the system's error when there is no memory left.
 */
export function writeHandOver<T>(state: Pick<HandedText<T>, "executor" | "program">, bytes: OutgoingBytes): number {
  const text = Buffer.from(JSON.stringify({ identity: processIdentity(process.pid), ...state }));
  const header = Buffer.alloc(HEADER_BYTES);
  MAGIC.copy(header);
  header.writeUInt32LE(HANDOVER_VERSION, VERSION_AT);
  header.writeDoubleLE(text.length, LENGTH_AT);
  const fd = makeMemoryFile("holdfast-handover");
  try {
    writeAll(fd, [header, text, ...bytes.pieces.filter(({ length }) => length > 0)]);
    return fd;
  } catch (thrown) {
    closeSync(fd);
    throw thrown;
  }
}

function writeAll(fd: number, pieces: readonly Uint8Array[]): void {
  for (let at = 0; at < pieces.length; at += PIECES_PER_WRITE) {
    let left = pieces.slice(at, at + PIECES_PER_WRITE);
    while (left.length > 0) left = withoutFirst(left, writevSync(fd, left));
  }
}

function withoutFirst(pieces: readonly Uint8Array[], bytes: number): Uint8Array[] {
  let taken = bytes;
  return pieces.flatMap((piece) => {
    const skipped = Math.min(taken, piece.length);
    taken -= skipped;
    return skipped === piece.length ? [] : [piece.subarray(skipped)];
  });
}

/**
 * Read what the program before this one in this very process has left.
 *
 * @throws Error when it is of another version, of another process, or broken off.
 */
export function readHandOver<T>(fd: number): HandedState<T> {
  const header = readAt(fd, 0, HEADER_BYTES);
  if (!header.subarray(0, MAGIC.length).equals(MAGIC))
    throw new Error("what was handed over is no state of an executor");
  const version = header.readUInt32LE(VERSION_AT);
  if (!READABLE_HANDOVER_VERSIONS.includes(version)) {
    const known = READABLE_HANDOVER_VERSIONS.join(", ");
    throw new Error(`what was handed over has version ${version}, and this program takes version ${known}`);
  }
  const length = header.readDoubleLE(LENGTH_AT);
  if (length > fstatSync(fd).size) throw new Error("what was handed over is broken off");
  const text = JSON.parse(readAt(fd, HEADER_BYTES, length).toString()) as HandedText<T>;
  if (text.identity === undefined || text.identity !== processIdentity(process.pid)) {
    throw new Error("what was handed over is another process's");
  }
  const first = HEADER_BYTES + length;
  return { ...text, bytes: { get: ([at, count]: HandedBytes) => readAt(fd, first + at, count) } };
}

function readAt(fd: number, position: number, length: number): Buffer {
  const bytes = Buffer.allocUnsafeSlow(length);
  for (let done = 0; done < length; ) {
    const count = readSync(fd, bytes, done, length - done, position + done);
    if (count === 0) throw new Error("what was handed over is broken off");
    done += count;
  }
  return bytes;
}
