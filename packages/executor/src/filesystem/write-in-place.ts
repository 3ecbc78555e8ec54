import { type BigIntStats, constants } from "node:fs";
import { tmpdir } from "node:os";
import { bufferContent, type Content, fileContent, writeRange } from "./content.ts";
import { errnoOf, FileSystemFault, toFault } from "./fault.ts";
import { MAX_KEPT_IN_MEMORY_BYTES } from "./limits.ts";
import type { OsCalls } from "./os-calls.ts";
import { isSameFile } from "./os-calls.ts";
import { descriptorPath } from "./pinned-parent.ts";
import { asideName } from "./write-aside.ts";

/**
 * Overwrite a regular file in place: inode, owner, attributes and all its links stay.
 *
 * Guarded against a full disk: what makes the file longer is written first, so that missing space shows before any old
 * byte is gone; the old bytes that are about to be overwritten are kept until the new ones are written, and are put
 * back when that fails. A crash in the middle, or a file that may be written but not read, is beyond this guard.
 *
 * @param target - What the file is now.
 */
export async function overwriteInPlace(
  calls: OsCalls,
  path: Buffer,
  target: { readonly fd: number; readonly stats: BigIntStats },
  content: Content,
): Promise<void> {
  const oldSize = Number(target.stats.size);
  const shared = Math.min(oldSize, content.sizeBytes ?? oldSize);
  let end = oldSize;
  await undoing(
    async () => {
      end = await writeRange(calls, target.fd, content, oldSize, Number.POSITIVE_INFINITY);
    },
    () => calls.ftruncate(target.fd, oldSize),
  );
  const kept = await keepOldBytes(calls, path, target, shared);
  let overwritten = 0;
  const note = (end: number) => {
    overwritten = end;
  };
  try {
    await undoing(
      async () => {
        const sharedEnd = await writeRange(calls, target.fd, content, 0, oldSize, note);
        // Where a read gave nothing is the end, regardless of what was reported or read before.
        if (sharedEnd < oldSize || oldSize === 0)
          await calls.ftruncate(target.fd, sharedEnd < oldSize ? sharedEnd : end);
      },
      async () => {
        // No further than needed: what was a hole before has no space to be written to.
        if (kept !== undefined) await writeRange(calls, target.fd, kept.content, 0, overwritten);
        await calls.ftruncate(target.fd, oldSize);
      },
    );
  } finally {
    await kept?.release();
  }
}

async function undoing(run: () => Promise<void>, undo: () => Promise<void>): Promise<void> {
  try {
    await run();
  } catch (thrown) {
    await undo().catch((cause: unknown) => {
      throw new FileSystemFault("other", `${toFault(thrown).message}; the old content could not be put back`, {
        cause,
      });
    });
    throw thrown;
  }
}

interface KeptBytes {
  readonly content: Content;
  release(): Promise<void>;
}

/** Keep the first `length` bytes of a file; `undefined` when there is nothing to keep or it may not be read. */
async function keepOldBytes(
  calls: OsCalls,
  path: Buffer,
  target: { readonly fd: number; readonly stats: BigIntStats },
  length: number,
): Promise<KeptBytes | undefined> {
  if (length === 0) return undefined;
  // By its descriptor where that is possible: the name may be that of something else by now, and opening may do something.
  const reader = await openSame(calls, descriptorPath(target.fd) ?? path, target.stats);
  if (reader === undefined) return undefined;
  try {
    const old = fileContent(calls, reader);
    return length <= MAX_KEPT_IN_MEMORY_BYTES
      ? await keepInMemory(old, length)
      : await keepOnDisk(calls, path, old, length);
  } finally {
    await calls.close(reader);
  }
}

async function openSame(calls: OsCalls, path: Buffer, stats: BigIntStats): Promise<number | undefined> {
  let fd: number;
  try {
    fd = await calls.open(path, constants.O_RDONLY | constants.O_NONBLOCK);
  } catch (thrown) {
    if (errnoOf(thrown) === undefined) throw thrown;
    return undefined;
  }
  if (isSameFile(await calls.fstat(fd), stats)) return fd;
  await calls.close(fd);
  return undefined;
}

async function keepInMemory(old: Content, sizeBytes: number): Promise<KeptBytes> {
  const chunks: Buffer[] = [];
  let length = 0;
  while (length < sizeBytes) {
    const chunk = await old.at(length, sizeBytes - length);
    if (chunk.length === 0) break;
    chunks.push(chunk);
    length += chunk.length;
  }
  return { content: bufferContent(Buffer.concat(chunks, length)), release: async () => {} };
}

/** A file without a name: it is gone with its descriptor, also after a crash. */
async function keepOnDisk(calls: OsCalls, path: Buffer, old: Content, sizeBytes: number): Promise<KeptBytes> {
  const fd = await openUnnamed(calls, asideName(path)).catch(() =>
    openUnnamed(calls, asideName(Buffer.from(`${tmpdir()}/old`))),
  );
  try {
    await writeRange(calls, fd, old, 0, sizeBytes);
  } catch (thrown) {
    await calls.close(fd);
    throw thrown;
  }
  return { content: fileContent(calls, fd), release: () => calls.close(fd) };
}

async function openUnnamed(calls: OsCalls, name: Buffer): Promise<number> {
  const fd = await calls.open(name, constants.O_RDWR | constants.O_CREAT | constants.O_EXCL, 0o600);
  await calls.unlink(name);
  return fd;
}
