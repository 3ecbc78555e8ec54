import { type BigIntStats, constants, lstatSync, readdirSync, readlinkSync, statSync } from "node:fs";
import { Breather } from "./breather.ts";
import { copyFailure } from "./copy-failure.ts";
import type { HeldTree } from "./held-tree.ts";
import { OpenFolders } from "./open-folders.ts";
import type { Problems } from "./problems.ts";
import { PERMISSION_BITS } from "./transfer.ts";
import { joinBytes, showPath, type TreeEntry } from "./tree-entry.ts";
import type { TreeFilter } from "./tree-filter.ts";

/** A local folder that is copied: held, so that it stays the one that was listed. */
export interface LocalTree {
  readonly held: HeldTree;
  /** Its path without links. */
  readonly real: Buffer;
  /** Everything in it that is not left out, itself first. */
  readonly entries: readonly TreeEntry[];
  /** What was left out of `entries`, as the files of this tree say. Undefined: nothing. */
  readonly filter: TreeFilter | undefined;
}

/** What to list, and how messages name it. */
export interface ListLocalOptions {
  readonly text: string;
  readonly problems: Problems;
  readonly signal?: AbortSignal | undefined;
  /** Undefined: everything. */
  readonly filter?: TreeFilter | undefined;
}

/**
 * Everything in a held local folder, itself first, depth first. What can not be read is a problem, and left out.
 *
 * @param top - Native path that leads to the held folder.
 */
export async function listLocalTree(
  top: Buffer,
  { text, problems, signal, filter }: ListLocalOptions,
): Promise<TreeEntry[]> {
  using folders = new OpenFolders(top);
  const breather = new Breather();
  const entries: TreeEntry[] = [];
  const orReport = <Result>(path: Buffer, look: () => Result): Result | undefined => {
    try {
      return look();
    } catch (error) {
      problems.report(copyFailure(`cannot read ${text}/${showPath(path)}`, error).message);
      return undefined;
    }
  };
  const visit = async (folder: Buffer): Promise<void> => {
    const names = orReport(folder, () => readdirSync(folders.folder(folder), { encoding: "buffer" })) ?? [];
    const isFollowed = orReport(folder, () => {
      filter?.enter(folder, names, (name) => folders.at(joinPaths(folder, name)));
      return true;
    });
    // What must not be read, or removed, is not known.
    if (isFollowed === undefined) return;
    for (const name of names) {
      const due = breather.due();
      if (due !== undefined) {
        await due;
        signal?.throwIfAborted();
      }
      const path = joinPaths(folder, name);
      const entry = orReport(path, () => entryAt(path, folders.at(path)));
      if (entry === undefined || filter?.excludes(path, entry.kind === "folder") === true) continue;
      entries.push(entry);
      if (entry.kind === "folder") await visit(path);
    }
  };
  const own = orReport(Buffer.alloc(0), () => ownEntry(top));
  if (own === undefined) return [];
  entries.push(own);
  await visit(own.path);
  return entries;
}

function joinPaths(folder: Buffer, name: Buffer): Buffer {
  return folder.byteLength === 0 ? name : joinBytes(folder, name);
}

/** The top is what is held: it has no name in the tree. */
function ownEntry(top: Buffer): TreeEntry {
  return entryOf(Buffer.alloc(0), statSync(top, { bigint: true }));
}

function entryAt(path: Buffer, native: Buffer): TreeEntry {
  const entry = entryOf(path, lstatSync(native, { bigint: true }));
  return entry.kind === "link" ? { ...entry, target: readlinkSync(native, { encoding: "buffer" }) } : entry;
}

function entryOf(path: Buffer, stats: BigIntStats): TreeEntry {
  const kind = kindOf(Number(stats.mode));
  const mode = Number(stats.mode) & PERMISSION_BITS;
  const entry = { path, kind, mode, size: Number(stats.size), modifiedNs: stats.mtimeNs };
  return kind === "file" && stats.nlink > 1n ? { ...entry, identity: `${stats.dev}:${stats.ino}` } : entry;
}

function kindOf(mode: number): TreeEntry["kind"] {
  const type = mode & constants.S_IFMT;
  if (type === constants.S_IFDIR) return "folder";
  if (type === constants.S_IFREG) return "file";
  return type === constants.S_IFLNK ? "link" : "special";
}
