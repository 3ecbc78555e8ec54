import { constants } from "node:fs";
import { TRANSFER_CHUNK_BYTES } from "./limits.ts";
import type { OsCalls } from "./os-calls.ts";

/** Bytes on their way into a file. */
export interface Content {
  /**
   * Undefined for a file: what its system tells need not be what a read gives (`/proc`), and others may write to it
   * meanwhile. Its end is where {@link at} gives nothing.
   */
  readonly sizeBytes: number | undefined;
  /** The bytes from `offset` on, at most `maxBytes`; fewer where it pleases, none at the end and beyond. */
  at(offset: number, maxBytes: number): Promise<Buffer>;
}

/** Content that a whole target is to get. */
export interface NewContent extends Content {
  /** Permission bits that the target gets; `undefined` keeps those of the target, or the default of a new file. */
  readonly mode: number | undefined;
  /** Create `path`, which must not exist, with the content. May leave a partial file when it fails. */
  createAt(calls: OsCalls, path: Buffer, mode: number): Promise<void>;
}

/** Content that is in memory. @param mode - Permission bits that the target gets, whatever the umask says. */
export function bufferContent(data: Buffer, mode?: number): NewContent {
  const content = {
    sizeBytes: data.length,
    at: async (offset: number, maxBytes: number) => data.subarray(offset, offset + maxBytes),
  };
  return {
    ...content,
    mode,
    createAt: async (calls, path, modeAtFirst) => {
      // Whoever opens it before it has its mode reads all that comes.
      const narrow = mode === undefined ? modeAtFirst : modeAtFirst & mode;
      const fd = await calls.open(path, constants.O_WRONLY | constants.O_CREAT | constants.O_EXCL, narrow);
      try {
        await writeRange(calls, fd, content, 0, data.length);
        if (mode !== undefined) await calls.fchmod(fd, mode);
      } finally {
        await calls.close(fd);
      }
    },
  };
}

/** Content of an open file. The descriptor stays the caller's. With `signal`, it can not be read any more once aborted. */
export function fileContent(calls: OsCalls, fd: number, signal?: AbortSignal): Content {
  return {
    sizeBytes: undefined,
    at: async (offset, maxBytes) => {
      signal?.throwIfAborted();
      const chunk = Buffer.allocUnsafeSlow(maxBytes);
      const count = await calls.read(fd, chunk, 0, maxBytes, offset);
      return chunk.subarray(0, count);
    },
  };
}

/**
 * Write the bytes `from` up to `to` of the content at the same places of a file; fewer where the content ends before.
 *
 * @param written - Told after every step how far the file is written.
 * @returns where it ended.
 */
export async function writeRange(
  calls: OsCalls,
  fd: number,
  content: Content,
  from: number,
  to: number,
  written?: (end: number) => void,
): Promise<number> {
  let offset = from;
  while (offset < to) {
    const chunk = await content.at(offset, Math.min(to - offset, TRANSFER_CHUNK_BYTES));
    if (chunk.length === 0) break;
    await writeAll(calls, fd, chunk, offset, written);
    offset += chunk.length;
  }
  return offset;
}

/** Write a whole chunk, however little each call takes. */
export async function writeAll(
  calls: OsCalls,
  fd: number,
  chunk: Buffer,
  position: number,
  written?: (end: number) => void,
): Promise<void> {
  let done = 0;
  while (done < chunk.length) {
    done += await calls.write(fd, chunk, done, chunk.length - done, position + done);
    written?.(position + done);
  }
}
