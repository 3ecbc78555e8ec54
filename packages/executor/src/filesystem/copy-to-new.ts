import { type BigIntStats, constants } from "node:fs";
import { writeAll } from "./content.ts";
import { errnoOf } from "./fault.ts";
import { COPY_BLOCK_BYTES, MAX_UNCLONABLE_DEVICES } from "./limits.ts";
import type { OsCalls } from "./os-calls.ts";
import { descriptorPath } from "./pinned-parent.ts";

/** An open regular file, as it was when it was opened. */
export interface CopySource {
  readonly fd: number;
  readonly path: Buffer;
  readonly stats: BigIntStats;
}

const PERMISSIONS = 0o7777n;
const OWNER_ONLY = 0o600;

/** Smaller files are read and written in the time that asking takes. */
const CLONE_MIN_BYTES = 1024 * 1024;

/** Room for the first read of a file whose size is not known. */
const SMALL_BLOCK_BYTES = 4 * 1024;

/** File systems that do not share blocks, so that each is asked once. */
const unclonable = new Set<bigint>();
const CANNOT_CLONE = new Set(["ENOTSUP", "EOPNOTSUPP", "ENOSYS", "ENOTTY", "EXDEV", "EINVAL", "EPERM", "EACCES"]);

/**
 * Copy an open file, with its mode, to a path that must not exist. May leave a partial file when it fails.
 *
 * The copy has what reads give until one gives nothing: a size that was told is no more than a hint, as virtual files have
 * none and others change meanwhile. Each step is one bounded call, so that no thread is held and `signal` is heard.
 *
 * @param modeRefused - Told why the mode could not be set; returns where the copy is wanted all the same.
 */
export async function copyToNew(
  calls: OsCalls,
  source: CopySource,
  to: Buffer,
  signal: AbortSignal | undefined,
  modeRefused: (thrown: unknown) => void = rethrow,
): Promise<void> {
  signal?.throwIfAborted();
  if (await cloneToNew(calls, source, to)) return;
  const fd = await calls.open(to, constants.O_WRONLY | constants.O_CREAT | constants.O_EXCL, OWNER_ONLY);
  try {
    // Before the content: without privileges the system clears the set-id bits of what is written to.
    await calls.fchmod(fd, Number(source.stats.mode & PERMISSIONS)).catch(modeRefused);
    await copyBytes(calls, source, fd, signal);
  } finally {
    await calls.close(fd);
  }
}

function rethrow(thrown: unknown): never {
  throw thrown;
}

/** While one block is written, the next one is read. */
async function copyBytes(
  calls: OsCalls,
  { fd: from, stats }: CopySource,
  to: number,
  signal: AbortSignal | undefined,
): Promise<void> {
  const told = Number(stats.size);
  // A byte more than a small file has, to see its end in the same read.
  const blockBytes = Math.min(Math.max(told + 1, SMALL_BLOCK_BYTES), COPY_BLOCK_BYTES);
  let block: Buffer = Buffer.allocUnsafe(blockBytes);
  let spare: Buffer | undefined;
  let length = await calls.read(from, block, 0, blockBytes, 0);
  for (let offset = 0; length > 0; ) {
    signal?.throwIfAborted();
    const end = offset + length;
    // Short, and just where the end was told to be: there is no other block.
    const isLast = length < blockBytes && end === told;
    const empty = spare ?? (isLast ? block : Buffer.allocUnsafe(blockBytes));
    const [written, read] = await Promise.allSettled([
      writeAll(calls, to, block.subarray(0, length), offset),
      isLast ? 0 : calls.read(from, empty, 0, blockBytes, end),
    ]);
    if (written.status === "rejected") throw written.reason;
    if (read.status === "rejected") throw read.reason;
    [spare, block, length, offset] = [block, empty, read.value, end];
  }
}

/** Share the blocks of a large file, where the file system can: one call, however large it is. */
async function cloneToNew(calls: OsCalls, { fd, path, stats }: CopySource, to: Buffer): Promise<boolean> {
  if (stats.size < CLONE_MIN_BYTES || unclonable.has(stats.dev)) return false;
  try {
    // By descriptor where possible: the path may lead to something else by now.
    await calls.cloneToNew(descriptorPath(fd) ?? path, to);
    return true;
  } catch (thrown) {
    if (!CANNOT_CLONE.has(errnoOf(thrown) ?? "")) throw thrown;
    if (errnoOf(thrown) !== "EXDEV" && unclonable.size < MAX_UNCLONABLE_DEVICES) unclonable.add(stats.dev);
    return false;
  }
}
