import { type BigIntStats, constants } from "node:fs";
import { fileContent, type NewContent } from "./content.ts";
import { errnoOf, invalidInput } from "./fault.ts";
import { isSameFile, type OsCalls } from "./os-calls.ts";
import { descriptorPath } from "./pinned-parent.ts";
import { replaceContent } from "./replace-content.ts";

const PERMISSIONS = 0o7777n;

const unsupported = () => invalidInput("fs/copy only supports regular files, directories, and symlinks");

/** Copy one thing that is no directory. `stats` are those of `from` itself, links not followed. */
export async function copyEntry(
  calls: OsCalls,
  from: Buffer,
  to: Buffer,
  stats: BigIntStats,
  signal: AbortSignal | undefined,
): Promise<void> {
  if (stats.isSymbolicLink()) return copyLink(calls, from, to, stats);
  if (!stats.isFile()) throw unsupported();
  const fd = await calls.open(from, constants.O_RDONLY | constants.O_NONBLOCK | constants.O_NOFOLLOW);
  try {
    await copyOpened(calls, from, fd, to, signal);
  } finally {
    await calls.close(fd);
  }
}

async function copyLink(calls: OsCalls, from: Buffer, to: Buffer, stats: BigIntStats): Promise<void> {
  const target = await calls.readlink(from);
  try {
    await calls.symlink(target, to);
  } catch (thrown) {
    if (errnoOf(thrown) === "EEXIST" && isSameFile(await calls.lstat(to), stats)) return;
    throw thrown;
  }
}

async function copyOpened(
  calls: OsCalls,
  from: Buffer,
  fd: number,
  to: Buffer,
  signal: AbortSignal | undefined,
): Promise<void> {
  const stats = await calls.fstat(fd);
  if (!stats.isFile()) throw unsupported();
  const destination = await calls.stat(to).catch(() => undefined);
  if (destination !== undefined && isSameFile(destination, stats)) return;
  const content: NewContent = {
    ...fileContent(calls, fd, Number(stats.size)),
    mode: Number(stats.mode & PERMISSIONS),
    // By descriptor where possible: a FIFO put in the source's place would hold the copying thread.
    createAt: (port, path) => port.copyToNew(descriptorPath(fd) ?? from, path),
  };
  await replaceContent(calls, to, content, { followSymlinks: true, signal });
}
