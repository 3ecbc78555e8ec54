import { type BigIntStats, constants } from "node:fs";
import { errnoOf, FileSystemFault, osFault } from "./fault.ts";
import { displayPath } from "./native-path.ts";
import type { OsCalls } from "./os-calls.ts";
import { pinParentWithoutLinks } from "./pinned-parent.ts";

/** A regular file held open, with what was known about it then. */
export interface OpenRegularFile {
  readonly fd: number;
  readonly stats: BigIntStats;
}

function notAFile(path: Buffer, stats: BigIntStats) {
  return notRegular(`path \`${displayPath(path)}\` is not a file`, stats);
}

function notARegularFile(stats: BigIntStats) {
  return notRegular("path is not a regular file", stats);
}

/** In the words of the reference peer. Of a folder, the name that its system has for it comes along. */
function notRegular(message: string, stats: BigIntStats) {
  return new FileSystemFault("invalid-input", message, stats.isDirectory() ? { code: "EISDIR" } : {});
}

/**
 * Open a regular file for reading. The kind is looked at before the open, as opening a device may already do something,
 * and again on the descriptor, as the path may have changed in between. `O_NONBLOCK` keeps a FIFO that slipped in from
 * holding the thread.
 */
export async function openRegularFile(
  calls: OsCalls,
  path: Buffer,
  options: { followSymlinks: boolean },
): Promise<OpenRegularFile> {
  if (options.followSymlinks) {
    const stats = await calls.stat(path);
    if (!stats.isFile()) throw notAFile(path, stats);
    return openChecked(calls, path, 0, (opened) => notAFile(path, opened));
  }
  const entry = await pinParentWithoutLinks(calls, path);
  try {
    const stats = await calls.lstat(entry.path);
    if (stats.isSymbolicLink()) throw osFault("ELOOP");
    if (!stats.isFile()) throw notARegularFile(stats);
    return await openChecked(calls, entry.path, constants.O_NOFOLLOW, notARegularFile);
  } finally {
    await entry.close();
  }
}

/**
 * Open a regular file for writing, created when missing, links followed. The content is left as it is.
 *
 * @param how - `append`: the system finds the end at every write.
 * @throws FileSystemFault `other` `Is a directory` - a directory.
 * @throws FileSystemFault `invalid-input` - any other thing that is not a regular file.
 */
export async function openRegularFileForWriting(
  calls: OsCalls,
  path: Buffer,
  how: "anywhere" | "append" = "anywhere",
): Promise<OpenRegularFile> {
  const refuse = (stats: BigIntStats) => (stats.isDirectory() ? osFault("EISDIR") : notAFile(path, stats));
  try {
    const stats = await calls.stat(path);
    if (!stats.isFile()) throw refuse(stats);
  } catch (thrown) {
    if (errnoOf(thrown) !== "ENOENT") throw thrown;
  }
  const append = how === "append" ? constants.O_APPEND : 0;
  return openChecked(calls, path, constants.O_WRONLY | constants.O_CREAT | append, refuse);
}

async function openChecked(
  calls: OsCalls,
  path: Buffer,
  flags: number,
  refuse: (stats: BigIntStats) => Error,
): Promise<OpenRegularFile> {
  const fd = await calls.open(path, flags | constants.O_NONBLOCK | constants.O_NOCTTY);
  try {
    const stats = await calls.fstat(fd);
    if (!stats.isFile()) throw refuse(stats);
    return { fd, stats };
  } catch (thrown) {
    await calls.close(fd);
    throw thrown;
  }
}
