import { randomUUID } from "node:crypto";
import { constants } from "node:fs";
import { type FileHandle, open, unlink } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";

/** Bytes moved at a time. */
const BLOCK_BYTES = 1024 * 1024;
const { O_RDONLY, O_RDWR, O_CREAT, O_EXCL, O_NONBLOCK = 0, O_NOFOLLOW = 0 } = constants;
const KEPT_MODE = 0o600;

/**
 * Give an open file the content of another: inode, owner, attributes and all its links stay.
 *
 * Guarded against a full disk: what makes the file longer is written first, so that missing space shows before any old byte is gone;
 * the old bytes that are about to be overwritten are kept until the new ones are written, and are put back when that fails. A crash
 * in the middle, or a file that may be written but not read, is beyond this guard.
 *
 * @param path - A name of the target, to read it by.
 */
export async function overwriteInPlace(source: FileHandle, path: Buffer, target: FileHandle): Promise<void> {
  const { size } = await target.stat();
  const shrink = (): Promise<void> => target.truncate(size);
  const end = await undoing(() => copyRange(source, target, size, Number.POSITIVE_INFINITY), shrink);
  await using kept = await keepOldBytes(path, target, size);
  let overwritten = 0;
  const putBack = async (): Promise<void> => {
    // No further than needed: what was a hole before has no space to be written to.
    if (kept !== undefined) await copyRange(kept, target, 0, overwritten);
    await shrink();
  };
  await undoing(async () => {
    const sharedEnd = await copyRange(source, target, 0, size, (at) => {
      overwritten = at;
    });
    // Where a read gave nothing is the end, regardless of what was told before.
    if (sharedEnd < size || size === 0) await target.truncate(sharedEnd < size ? sharedEnd : end);
  }, putBack);
}

async function undoing<Result>(run: () => Promise<Result>, undo: () => Promise<void>): Promise<Result> {
  try {
    return await run();
  } catch (error) {
    await undo().catch((cause: unknown) => {
      const why = error instanceof Error ? error.message : String(error);
      throw new Error(`${why}; the old content could not be put back`, { cause });
    });
    throw error;
  }
}

/** A file without a name: it is gone with its descriptor, also after a crash. Undefined where there is nothing to keep, or it may not be read. */
async function keepOldBytes(path: Buffer, target: FileHandle, size: number): Promise<FileHandle | undefined> {
  if (size === 0) return undefined;
  await using reader = await openSame(path, target);
  if (reader === undefined) return undefined;
  const name = join(tmpdir(), `.holdfast-${randomUUID()}`);
  const kept = await open(name, O_RDWR | O_CREAT | O_EXCL | O_NOFOLLOW, KEPT_MODE);
  try {
    await unlink(name);
    await copyRange(reader, kept, 0, size);
    return kept;
  } catch (error) {
    await kept.close();
    throw error;
  }
}

async function openSame(path: Buffer, target: FileHandle): Promise<FileHandle | undefined> {
  const reader = await open(path, O_RDONLY | O_NONBLOCK | O_NOFOLLOW).catch(() => undefined);
  if (reader === undefined) return undefined;
  const [one, other] = await Promise.all([reader.stat({ bigint: true }), target.stat({ bigint: true })]);
  if (one.dev === other.dev && one.ino === other.ino) return reader;
  await reader.close();
  return undefined;
}

/** @returns where it ended: before `to` where the source does. */
async function copyRange(
  source: FileHandle,
  target: FileHandle,
  from: number,
  to: number,
  written?: (end: number) => void,
): Promise<number> {
  const block = Buffer.allocUnsafeSlow(BLOCK_BYTES);
  for (let at = from; at < to; ) {
    const { bytesRead } = await source.read(block, 0, Math.min(block.byteLength, to - at), at);
    if (bytesRead === 0) return at;
    for (let done = 0; done < bytesRead; ) {
      const { bytesWritten } = await target.write(block, done, bytesRead - done, at + done);
      done += bytesWritten;
      written?.(at + done);
    }
    at += bytesRead;
  }
  return to;
}
