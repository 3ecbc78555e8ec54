import { type BigIntStats, constants } from "node:fs";
import { fileContent, type NewContent } from "./content.ts";
import { copyToNew } from "./copy-to-new.ts";
import { errnoOf, invalidInput } from "./fault.ts";
import { isSameFile, type OsCalls } from "./os-calls.ts";
import { replaceContent } from "./replace-content.ts";

const PERMISSIONS = 0o7777n;

function unsupported() {
  return invalidInput("fs/copy only supports regular files, directories, and symlinks");
}

/** What is looked at of something before it is copied; links are not followed. */
export type EntryKind = Pick<BigIntStats, "isFile" | "isSymbolicLink">;

/** How to copy one thing that is no directory. */
export interface EntryCopy {
  readonly signal: AbortSignal | undefined;
  /** The copy made the folder itself: nothing is there that could be replaced or kept. */
  readonly isFresh: boolean;
}

/** Copy one thing that is no directory. `kind` is that of `from` itself. */
export async function copyEntry(
  calls: OsCalls,
  from: Buffer,
  to: Buffer,
  kind: EntryKind,
  options: EntryCopy,
): Promise<void> {
  if (kind.isSymbolicLink()) return copyLink(calls, from, to);
  if (!kind.isFile()) throw unsupported();
  const fd = await calls.open(from, constants.O_RDONLY | constants.O_NONBLOCK | constants.O_NOFOLLOW);
  try {
    await copyOpened(calls, from, fd, to, options);
  } finally {
    await calls.close(fd);
  }
}

async function copyLink(calls: OsCalls, from: Buffer, to: Buffer): Promise<void> {
  const target = await calls.readlink(from);
  try {
    await calls.symlink(target, to);
  } catch (thrown) {
    if (errnoOf(thrown) === "EEXIST" && isSameFile(await calls.lstat(to), await calls.lstat(from))) return;
    throw thrown;
  }
}

async function copyOpened(
  calls: OsCalls,
  from: Buffer,
  fd: number,
  to: Buffer,
  { signal, isFresh }: EntryCopy,
): Promise<void> {
  const stats = await calls.fstat(fd);
  if (!stats.isFile()) throw unsupported();
  const source = { fd, path: from, stats };
  if (isFresh) {
    return copyToNew(calls, source, to, signal).catch(async (thrown: unknown) => {
      // A name that was taken meanwhile is another program's file.
      if (errnoOf(thrown) !== "EEXIST") await calls.unlink(to).catch(() => {});
      throw thrown;
    });
  }
  const destination = await calls.stat(to).catch(() => undefined);
  if (destination !== undefined && isSameFile(destination, stats)) return;
  const content: NewContent = {
    ...fileContent(calls, fd, signal),
    mode: Number(stats.mode & PERMISSIONS),
    createAt: (port, path) => copyToNew(port, source, path, signal),
  };
  await replaceContent(calls, to, content, { followSymlinks: true, signal });
}
