import { type BigIntStats, constants, existsSync, fstat as fstatWithCallback } from "node:fs";
import { chmod, lstat, mkdir, open, readdir, readlink, rename, rmdir, stat, symlink, unlink } from "node:fs/promises";
import { promisify } from "node:util";

/*
 * Folders of this machine held open, so that swapping a link into a path changes nothing. As the executor holds its own; that code
 * is loaded inside of sandboxes, where no name of a package leads anywhere, and can not be shared.
 */

/** Linux: a descriptor that only names a place, which needs no read permission there. Node does not list it. */
const O_PATH = 0o10000000;
const SLASH = 0x2f;
const SEPARATOR = Buffer.from("/");
/** Removals under way at once within one folder. */
const REMOVALS_AT_ONCE = 32;

/**
 * Can names be looked up relative to a descriptor? On Linux `/proc/self/fd/N/name` does what `openat(2)` would do, for every call
 * that takes a path.
 */
const canPin = process.platform === "linux" && existsSync("/proc/self/fd");

const fstat = promisify(fstatWithCallback);

/** The calls that transfers are made of, on paths in bytes. */
export const systemCalls = {
  mkdir: (path: Buffer, mode = 0o777) => mkdir(path, { mode }).then(() => {}),
  chmod: (path: Buffer, mode: number) => chmod(path, mode),
  rename: (from: Buffer, to: Buffer) => rename(from, to),
  unlink: (path: Buffer) => unlink(path),
  rmdir: (path: Buffer) => rmdir(path),
  symlink: (target: Buffer, path: Buffer) => symlink(target, path),
  readlink: (path: Buffer) => readlink(path, { encoding: "buffer" }),
  stat: (path: Buffer) => stat(path, { bigint: true }),
  lstat: (path: Buffer) => lstat(path, { bigint: true }),
  fstat: (fd: number): Promise<BigIntStats> => fstat(fd, { bigint: true }),
};

/** A folder held open, so that swapping a link into its path changes nothing for what follows. */
export interface PinnedDirectory {
  /** Names the held folder for any call. */
  readonly path: Buffer;
  close(): Promise<void>;
}

/**
 * Hold a folder. Links on the way are followed, except a link in the last place when `noFollow` is set (`ENOTDIR`). Where the
 * platform can not hold a folder, the plain path is answered.
 */
export async function pinDirectory(path: Buffer, options: { readonly noFollow: boolean }): Promise<PinnedDirectory> {
  if (!canPin) {
    const stats = await (options.noFollow ? lstat(path) : stat(path));
    if (!stats.isDirectory()) throw notADirectory();
    return { path, close: async () => {} };
  }
  const noFollow = options.noFollow ? constants.O_NOFOLLOW : 0;
  const handle = await open(path, O_PATH | constants.O_DIRECTORY | noFollow);
  return { path: Buffer.from(`/proc/self/fd/${handle.fd}`), close: () => handle.close() };
}

function notADirectory(): Error {
  return Object.assign(new Error("ENOTDIR: not a directory"), { code: "ENOTDIR" });
}

export function joinPath(folder: Buffer, name: Buffer): Buffer {
  return folder.at(-1) === SLASH ? Buffer.concat([folder, name]) : Buffer.concat([folder, SEPARATOR, name]);
}

/** Last name of an absolute path; `.` for the root. */
export function lastNameOf(path: Buffer): Buffer {
  return path.length === 1 ? Buffer.from(".") : path.subarray(path.lastIndexOf(SLASH) + 1);
}

/** Do two looks at the disk show the same file or folder? */
export function isSameFile(one: BigIntStats, other: BigIntStats): boolean {
  return one.dev === other.dev && one.ino === other.ino;
}

/**
 * Remove a folder with everything in it. Each folder is held open while it is emptied and links are never entered, so that a link
 * swapped in meanwhile leads nowhere. What vanishes by itself is fine.
 */
export async function removeTree(folder: Buffer): Promise<void> {
  const held = await pinDirectory(folder, { noFollow: true });
  try {
    const entries = await readdir(held.path, { withFileTypes: true, encoding: "buffer" });
    const files = entries.filter((entry) => !entry.isDirectory());
    for (let start = 0; start < files.length; start += REMOVALS_AT_ONCE) {
      const some = files.slice(start, start + REMOVALS_AT_ONCE);
      // All must settle before the held folder is let go: its number could name another one by then.
      const settled = await Promise.allSettled(
        some.map(({ name }) => forgiveMissing(unlink(joinPath(held.path, name)))),
      );
      for (const outcome of settled) if (outcome.status === "rejected") throw outcome.reason;
    }
    // One after the other: every level of the tree holds one descriptor.
    for (const entry of entries) {
      if (entry.isDirectory()) await forgiveMissing(removeTree(joinPath(held.path, entry.name)));
    }
  } finally {
    await held.close();
  }
  await forgiveMissing(rmdir(folder));
}

async function forgiveMissing(removal: Promise<void>): Promise<void> {
  try {
    await removal;
  } catch (error) {
    if (!(error instanceof Error && "code" in error && error.code === "ENOENT")) throw error;
  }
}
