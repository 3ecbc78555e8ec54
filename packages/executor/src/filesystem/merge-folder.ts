import type { BigIntStats } from "node:fs";
import { constants } from "node:fs";
import { fileContent, writeRange } from "./content.ts";
import { errnoOf, osFault, toFault } from "./fault.ts";
import { joinPath } from "./native-path.ts";
import type { OsCalls } from "./os-calls.ts";
import { descendBelow, type PinnedDirectory } from "./pinned-parent.ts";
import { StagedFile } from "./staged-file.ts";
import { freshName } from "./write-aside.ts";

/** Another file system, a mount point, a closed folder: the content can go where the name can not. */
const NOT_BY_RENAME = new Set(["EXDEV", "EBUSY", "EACCES", "EPERM"]);
const PERMISSIONS = 0o777;
const NOTHING = Buffer.alloc(0);

/** Told about each thing that was not moved, by its path from the folder. */
export type MergeReport = (path: Buffer, message: string) => void;

/**
 * Move everything in a held folder into another. Files and links take the place of files and links, folders are merged into
 * folders; what is something else there is left, and told. Links are never gone through.
 */
export function mergeFolder(
  calls: OsCalls,
  from: PinnedDirectory,
  into: PinnedDirectory,
  report: MergeReport,
): Promise<void> {
  return mergeChildren({ calls, report }, from, into, NOTHING);
}

interface Merge {
  readonly calls: OsCalls;
  readonly report: MergeReport;
}

async function mergeChildren(merge: Merge, from: PinnedDirectory, into: PinnedDirectory, path: Buffer): Promise<void> {
  for (const { name } of await merge.calls.readdir(from.path)) {
    const child = path.length === 0 ? name : joinPath(path, name);
    try {
      await moveEntry(merge, { from, into, name, path: child });
    } catch (thrown) {
      merge.report(child, toFault(thrown).message);
    }
  }
}

interface Move {
  readonly from: PinnedDirectory;
  readonly into: PinnedDirectory;
  readonly name: Buffer;
  readonly path: Buffer;
}

async function moveEntry(merge: Merge, move: Move): Promise<void> {
  const { calls } = merge;
  const source = joinPath(move.from.path, move.name);
  const target = joinPath(move.into.path, move.name);
  const [stats, there] = [await calls.lstat(source), await existing(calls, target)];
  if (stats.isDirectory()) return moveFolder(merge, move, there);
  if (there?.isDirectory()) throw osFault("EISDIR");
  try {
    await calls.rename(source, target);
  } catch (thrown) {
    if (!NOT_BY_RENAME.has(errnoOf(thrown) ?? "")) throw thrown;
    if (stats.isSymbolicLink()) await moveLink(calls, move);
    else await moveContent(calls, move);
  }
}

async function moveFolder(merge: Merge, move: Move, there: BigIntStats | undefined): Promise<void> {
  const { calls } = merge;
  const target = joinPath(move.into.path, move.name);
  if (there !== undefined && !there.isDirectory()) throw osFault("ENOTDIR");
  if (there === undefined) {
    try {
      return await calls.rename(joinPath(move.from.path, move.name), target);
    } catch (thrown) {
      if (!NOT_BY_RENAME.has(errnoOf(thrown) ?? "")) throw thrown;
      await calls.mkdir(target);
    }
  }
  const from = await descendBelow(calls, move.from, [move.name]);
  try {
    const into = await descendBelow(calls, move.into, [move.name]);
    try {
      await mergeChildren(merge, from, into, move.path);
    } finally {
      await into.close();
    }
  } finally {
    await from.close();
  }
}

/** Where its name is taken by a file or a link, it is made beside that and renamed. */
async function moveLink(calls: OsCalls, { from, into, name }: Move): Promise<void> {
  const target = joinPath(into.path, name);
  const said = await calls.readlink(joinPath(from.path, name));
  try {
    return await calls.symlink(said, target);
  } catch (thrown) {
    if (errnoOf(thrown) !== "EEXIST") throw thrown;
  }
  const aside = joinPath(into.path, freshName());
  await calls.symlink(said, aside);
  try {
    await calls.rename(aside, target);
  } catch (thrown) {
    await calls.unlink(aside).catch(() => {});
    throw thrown;
  }
}

async function moveContent(calls: OsCalls, { from, into, name }: Move): Promise<void> {
  const fd = await calls.open(
    joinPath(from.path, name),
    constants.O_RDONLY | constants.O_NONBLOCK | constants.O_NOFOLLOW,
  );
  try {
    const { mode } = await calls.fstat(fd);
    const folder = await descendBelow(calls, into, []);
    const file = await StagedFile.in(calls, { folder, name, isLinkRefused: false });
    try {
      await file.fill(
        async (to) => void (await writeRange(calls, to, fileContent(calls, fd), 0, Number.POSITIVE_INFINITY)),
      );
    } catch (thrown) {
      await file.discard();
      throw thrown;
    }
    await file.commit(Number(mode) & PERMISSIONS);
  } finally {
    await calls.close(fd);
  }
}

function existing(calls: OsCalls, path: Buffer): Promise<BigIntStats | undefined> {
  return calls.lstat(path).catch((thrown: unknown) => {
    if (errnoOf(thrown) === "ENOENT") return undefined;
    throw thrown;
  });
}
