import { displayPath } from "@holdfast/path-uri";
import { copyFailure } from "./copy-failure.ts";
import { systemCalls } from "./held-folders.ts";
import type { HeldTree } from "./held-tree.ts";
import { nameBatches } from "./name-batches.ts";
import type { Problems } from "./problems.ts";
import type { RemotePlace } from "./remote-destination.ts";
import type { Transfer } from "./transfer.ts";
import type { TreeCalls } from "./tree-calls.ts";
import { folderOf, keyOf, showPath, type TreeEntry } from "./tree-entry.ts";

/** How the names begin of what is not whole yet, here and on executors. */
const STAGED_PREFIX = ".holdfast-";
const NOT_EMPTY = new Set(["ENOTEMPTY", "EEXIST"]);

type Removing = Pick<Transfer, "problems" | "signal" | "filter">;

/** A destination and the source that it is to be like. */
interface Mirrored {
  readonly there: ReadonlyMap<string, TreeEntry>;
  readonly entries: readonly TreeEntry[];
}

/** What the source does not have, and what lies in it, before the folder that it is in. */
export function extrasOf({ there, entries }: Mirrored): TreeEntry[] {
  const kept = new Map(entries.map(({ path, kind }) => [keyOf(path), kind]));
  const isKeptFolder = (path: Buffer): boolean => path.byteLength === 0 || kept.get(keyOf(path)) === "folder";
  const isExtra = ({ path }: TreeEntry): boolean =>
    path.byteLength > 0 && !kept.has(keyOf(path)) && !isOnItsWay(path) && isKeptFolder(folderOf(path));
  return withContent(there, isExtra);
}

/**
 * Whether all of the source is known. Where something of it could not be read, what the destination has of it is no extra, and nothing
 * is removed.
 *
 * @param problems - Of listing the source, and nothing else so far.
 */
export function wasReadWhole(problems: Problems): boolean {
  if (problems.count === 0) return true;
  problems.warn("nothing is removed from the destination, because not all of the source could be read");
  return false;
}

/** What this or another transfer gathers there, and will have another name. */
function isOnItsWay(path: Buffer): boolean {
  return path
    .subarray(path.lastIndexOf("/") + 1)
    .toString("latin1")
    .startsWith(STAGED_PREFIX);
}

/**
 * Folders in the way of something else, and the other way round: nothing takes the place of either by itself. What lies in one comes
 * before it.
 */
export function conflictsOf({ there, entries }: Mirrored): TreeEntry[] {
  const wanted = new Map(entries.map(({ path, kind }) => [keyOf(path), kind]));
  return withContent(there, ({ path, kind }) => {
    const other = wanted.get(keyOf(path));
    if (other === undefined || path.byteLength === 0 || other === "special") return false;
    return (other === "folder") !== (kind === "folder");
  });
}

/** In a listing a folder comes before what is in it. What was left out of the listing is not named, and stays with its folder. */
function withContent(there: Mirrored["there"], isMeant: (entry: TreeEntry) => boolean): TreeEntry[] {
  const meant = new Set<string>();
  for (const [key, entry] of there) if (isMeant(entry) || meant.has(keyOf(folderOf(entry.path)))) meant.add(key);
  return [...there.values()].filter(({ path }) => meant.has(keyOf(path))).toReversed();
}

/** Remove from a folder of the executor, which holds it meanwhile. No link in it is followed. */
export async function removeRemote(
  { problems, signal, filter }: Removing,
  calls: Pick<TreeCalls, "removeEntries">,
  { path: root, noFollowNames }: RemotePlace,
  entries: readonly TreeEntry[],
): Promise<void> {
  for (const names of nameBatches(entries)) {
    const removed = await calls.removeEntries(
      { root, noFollowNames, names, keepFilled: leavesOut(filter) },
      { signal },
    );
    for (const { path, message } of removed.problems)
      problems.report(`cannot remove remote:${displayPath(path)}: ${message}`);
  }
}

/** Remove from a held local folder. No link is followed. */
export async function removeLocal(
  held: HeldTree,
  entries: readonly TreeEntry[],
  { problems, signal, filter }: Removing,
): Promise<void> {
  for (const { path, kind } of entries) {
    signal.throwIfAborted();
    try {
      await held.at(path, (native) => systemCalls[kind === "folder" ? "rmdir" : "unlink"](native));
    } catch (error) {
      if (leavesOut(filter) && isNotEmpty(error)) continue;
      problems.report(copyFailure(`cannot remove ${showPath(path)}`, error).message);
    }
  }
}

/** Whether folders may have something in them that is not listed, and stays. */
function leavesOut({ exclude = [], gitignore = false }: Transfer["filter"]): boolean {
  return gitignore || exclude.length > 0;
}

function isNotEmpty(error: unknown): boolean {
  return error instanceof Error && "code" in error && NOT_EMPTY.has(String(error.code));
}
