import { type BigIntStats, constants } from "node:fs";
import type { NewContent } from "./content.ts";
import { errnoOf, osFault } from "./fault.ts";
import { joinPath, splitPath } from "./native-path.ts";
import { isSameFile, type OsCalls } from "./os-calls.ts";
import { createAside, replaceAside } from "./write-aside.ts";
import { overwriteInPlace } from "./write-in-place.ts";
import { writeStream } from "./write-stream.ts";

/** As many links in a row as Linux follows. */
const MAX_LINKS = 40;
const PERMISSIONS = 0o7777;

/** How the target of a write is reached. */
export interface ReplaceOptions {
  /** False: `path` leads to a held folder, and a link in its last place is refused with `ELOOP`. */
  readonly followSymlinks: boolean;
  readonly signal: AbortSignal | undefined;
}

/**
 * Give `path` a new content, creating it when missing. The file is opened for writing first, without touching it, so
 * that everything that would refuse a plain write refuses this one.
 */
export async function replaceContent(
  calls: OsCalls,
  path: Buffer,
  content: NewContent,
  options: ReplaceOptions,
): Promise<void> {
  const noFollow = options.followSymlinks ? 0 : constants.O_NOFOLLOW;
  let fd: number;
  try {
    fd = await calls.open(path, constants.O_WRONLY | constants.O_NONBLOCK | constants.O_NOCTTY | noFollow);
  } catch (thrown) {
    if (errnoOf(thrown) !== "ENOENT") throw thrown;
    const target = options.followSymlinks ? await endOfLinks(calls, path) : path;
    return createAside(calls, target, content);
  }
  try {
    await replaceOpened(calls, path, fd, content, options);
  } finally {
    await calls.close(fd);
  }
}

async function replaceOpened(
  calls: OsCalls,
  path: Buffer,
  fd: number,
  content: NewContent,
  options: ReplaceOptions,
): Promise<void> {
  const stats = await calls.fstat(fd);
  if (!stats.isFile()) return writeStream(calls, fd, content, { signal: options.signal });
  const target = options.followSymlinks ? await calls.realpath(path).catch(() => undefined) : path;
  if (target !== undefined && stats.nlink === 1n && (await isStill(calls, target, stats))) {
    if (await replaceAside(calls, target, stats, content)) return;
  }
  await overwriteInPlace(calls, target ?? path, { fd, stats }, content);
  if (content.mode !== undefined) await calls.fchmod(fd, content.mode & PERMISSIONS);
}

/** Does the name still lead to the opened file? Not so for a deleted file, or one behind `/proc/PID/fd`. */
async function isStill(calls: OsCalls, target: Buffer, stats: BigIntStats): Promise<boolean> {
  const now = await calls.lstat(target).catch(() => undefined);
  return now !== undefined && isSameFile(now, stats);
}

/** Where a new file comes into being: the missing end of a chain of links. */
async function endOfLinks(calls: OsCalls, path: Buffer): Promise<Buffer> {
  let end = path;
  for (let links = 0; links < MAX_LINKS; links += 1) {
    let text: Buffer;
    try {
      text = await calls.readlink(end);
    } catch (thrown) {
      // Missing, as expected, or by now no link: either way the name itself is the target.
      if (errnoOf(thrown) === "ENOENT" || errnoOf(thrown) === "EINVAL") return end;
      throw thrown;
    }
    end = joinPath(splitPath(end).parent, text);
  }
  throw osFault("ELOOP");
}
