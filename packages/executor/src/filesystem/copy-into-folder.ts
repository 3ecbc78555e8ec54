import { constants } from "node:fs";
import { copyToNew } from "./copy-to-new.ts";
import { errnoOf, invalidInput, toFault, unlessNoModes } from "./fault.ts";
import { joinPath } from "./native-path.ts";
import { isSameFile, type OsCalls } from "./os-calls.ts";
import { descendBelow, type PinnedDirectory } from "./pinned-parent.ts";
import { DISK_FAILURES } from "./write-aside.ts";

const PERMISSIONS = 0o777;
const OWNER_ALL = 0o700;
const NO_NAME = Buffer.alloc(0);

/** Permission bits that a folder is to get once nothing more goes into or out of it. */
export interface ClosedFolder {
  /** From the folder that was copied. */
  readonly names: readonly Buffer[];
  readonly mode: number;
}

export interface CopyIntoOptions {
  readonly signal: AbortSignal | undefined;
  /** Told about each thing that was not copied, by its path from the folder. */
  readonly report: (path: Buffer, message: string) => void;
}

export interface CopiedInto {
  /** Folders whose bits would be in the way of moving or removing the copy, the deepest first. They are not set. */
  readonly closed: readonly ClosedFolder[];
  /** Whether every other permission bit is set. */
  readonly isModeSet: boolean;
}

/**
 * Copy everything in a held folder into another that is empty, with permission bits. Both are walked by descriptor and through
 * no link; links are made anew; pipes, sockets and devices are left out. What can not be read or made is told, and the rest
 * goes on.
 *
 * @throws what a full or failing disk says, or the reason of the signal.
 */
export async function copyIntoFolder(
  calls: OsCalls,
  from: PinnedDirectory,
  into: PinnedDirectory,
  { signal, report }: CopyIntoOptions,
): Promise<CopiedInto> {
  const root = await calls.stat(into.path);
  const closed: ClosedFolder[] = [];
  let isModeSet = true;
  const modeRefused = (thrown: unknown): void => {
    unlessNoModes(thrown);
    isModeSet = false;
  };
  const orReport = async (names: readonly Buffer[], copy: () => Promise<void>): Promise<void> => {
    try {
      await copy();
    } catch (thrown) {
      signal?.throwIfAborted();
      if (DISK_FAILURES.has(errnoOf(thrown) ?? "")) throw thrown;
      report(names.reduce(joinPath), toFault(thrown).message);
    }
  };
  const copyChildren = async (
    source: PinnedDirectory,
    target: PinnedDirectory,
    names: readonly Buffer[],
  ): Promise<void> => {
    for (const { name } of await calls.readdir(source.path)) {
      signal?.throwIfAborted();
      const below = [...names, name];
      await orReport(below, () => copyChild(source, target, below));
    }
  };
  const copyChild = async (
    source: PinnedDirectory,
    target: PinnedDirectory,
    names: readonly Buffer[],
  ): Promise<void> => {
    const name = names.at(-1) ?? NO_NAME;
    const [here, there] = [joinPath(source.path, name), joinPath(target.path, name)];
    const stats = await calls.lstat(here);
    // It may lie in the folder that is copied.
    if (isSameFile(stats, root)) return;
    if (stats.isSymbolicLink()) await calls.symlink(await calls.readlink(here), there);
    else if (stats.isFile()) await copyFile(calls, here, there, { signal, modeRefused });
    else if (stats.isDirectory()) await copyFolder(source, target, names);
  };
  const copyFolder = async (
    source: PinnedDirectory,
    target: PinnedDirectory,
    names: readonly Buffer[],
  ): Promise<void> => {
    const own = names.slice(-1);
    const held = await descendBelow(calls, source, own);
    try {
      await calls.mkdir(joinPath(target.path, own[0] ?? NO_NAME));
      const made = await descendBelow(calls, target, own);
      try {
        // One that can not be listed is made all the same, as empty as it looks.
        await orReport(names, () => copyChildren(held, made, names));
        const mode = Number((await calls.stat(held.path)).mode) & PERMISSIONS;
        if ((mode & OWNER_ALL) === OWNER_ALL) await calls.chmod(made.path, mode).catch(modeRefused);
        else closed.push({ names, mode });
      } finally {
        await made.close();
      }
    } finally {
      await held.close();
    }
  };
  await copyChildren(from, into, []);
  return { closed, isModeSet };
}

async function copyFile(
  calls: OsCalls,
  from: Buffer,
  to: Buffer,
  {
    signal,
    modeRefused,
  }: { readonly signal: AbortSignal | undefined; readonly modeRefused: (thrown: unknown) => void },
): Promise<void> {
  const fd = await calls.open(from, constants.O_RDONLY | constants.O_NONBLOCK | constants.O_NOFOLLOW);
  try {
    const stats = await calls.fstat(fd);
    if (!stats.isFile()) throw invalidInput("path is not a regular file");
    await copyToNew(calls, { fd, path: from, stats }, to, signal, modeRefused).catch(async (thrown: unknown) => {
      // A part of it would be put in place with the rest.
      if (errnoOf(thrown) !== "EEXIST") await calls.unlink(to).catch(() => {});
      throw thrown;
    });
  } finally {
    await calls.close(fd);
  }
}
