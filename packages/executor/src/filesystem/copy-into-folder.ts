import { constants } from "node:fs";
import { copyToNew } from "./copy-to-new.ts";
import { invalidInput } from "./fault.ts";
import { joinPath } from "./native-path.ts";
import { isSameFile, type OsCalls } from "./os-calls.ts";
import { descendBelow, type PinnedDirectory } from "./pinned-parent.ts";

const PERMISSIONS = 0o777;
const OWNER_ALL = 0o700;
const NO_NAME = Buffer.alloc(0);

/** Permission bits that a folder is to get once nothing more goes into or out of it. */
export interface ClosedFolder {
  /** From the folder that was copied. */
  readonly names: readonly Buffer[];
  readonly mode: number;
}

/**
 * Copy everything in a held folder into another that is empty, with permission bits. Both are walked by descriptor and through
 * no link; links are made anew; pipes, sockets and devices are left out.
 *
 * @returns folders whose bits would be in the way of moving or removing the copy, the deepest first. They are not set.
 */
export async function copyIntoFolder(
  calls: OsCalls,
  from: PinnedDirectory,
  into: PinnedDirectory,
  signal?: AbortSignal,
): Promise<readonly ClosedFolder[]> {
  const root = await calls.stat(into.path);
  const closed: ClosedFolder[] = [];
  const copyChildren = async (
    source: PinnedDirectory,
    target: PinnedDirectory,
    names: readonly Buffer[],
  ): Promise<void> => {
    for (const { name } of await calls.readdir(source.path)) {
      signal?.throwIfAborted();
      const [here, there] = [joinPath(source.path, name), joinPath(target.path, name)];
      const stats = await calls.lstat(here);
      // It may lie in the folder that is copied.
      if (isSameFile(stats, root)) continue;
      if (stats.isSymbolicLink()) await calls.symlink(await calls.readlink(here), there);
      else if (stats.isFile()) await copyFile(calls, here, there, signal);
      else if (stats.isDirectory()) await copyFolder(source, target, [...names, name]);
    }
  };
  const copyFolder = async (
    source: PinnedDirectory,
    target: PinnedDirectory,
    names: readonly Buffer[],
  ): Promise<void> => {
    const own = names.slice(-1);
    await calls.mkdir(joinPath(target.path, own[0] ?? NO_NAME));
    const held = await descendBelow(calls, source, own);
    try {
      const made = await descendBelow(calls, target, own);
      try {
        await copyChildren(held, made, names);
        const mode = Number((await calls.stat(held.path)).mode) & PERMISSIONS;
        if ((mode & OWNER_ALL) === OWNER_ALL) await calls.chmod(made.path, mode);
        else closed.push({ names, mode });
      } finally {
        await made.close();
      }
    } finally {
      await held.close();
    }
  };
  await copyChildren(from, into, []);
  return closed;
}

async function copyFile(calls: OsCalls, from: Buffer, to: Buffer, signal: AbortSignal | undefined): Promise<void> {
  const fd = await calls.open(from, constants.O_RDONLY | constants.O_NONBLOCK | constants.O_NOFOLLOW);
  try {
    const stats = await calls.fstat(fd);
    if (!stats.isFile()) throw invalidInput("path is not a regular file");
    await copyToNew(calls, { fd, path: from, stats }, to, signal);
  } finally {
    await calls.close(fd);
  }
}
