import { displayPath, type PathUri } from "@holdfast/path-uri";
import { isLinkError } from "@holdfast/rpc";
import { copyFailure } from "./copy-failure.ts";
import { forEachLimited } from "./for-each-limited.ts";
import { removeTree, systemCalls } from "./held-folders.ts";
import type { HeldTree } from "./held-tree.ts";
import { below } from "./remote-folder.ts";
import type { Transfer } from "./transfer.ts";
import { folderOf, keyOf, showPath, type TreeEntry } from "./tree-entry.ts";

/** How the names begin of what is not whole yet, here and on executors. */
const STAGED_PREFIX = ".holdfast-";
/** Removals on their way at once. */
const AT_ONCE = 8;

/** A destination and the source that it is to be like. */
interface Mirrored {
  readonly there: ReadonlyMap<string, TreeEntry>;
  readonly entries: readonly TreeEntry[];
}

/** What the source does not have, without what lies in a folder that goes as a whole, or makes room for something else. */
export function extrasOf({ there, entries }: Mirrored): TreeEntry[] {
  const kept = new Map(entries.map(({ path, kind }) => [keyOf(path), kind]));
  const isKeptFolder = (path: Buffer): boolean => path.byteLength === 0 || kept.get(keyOf(path)) === "folder";
  return [...there.values()].filter(
    ({ path }) => path.byteLength > 0 && !kept.has(keyOf(path)) && !isOnItsWay(path) && isKeptFolder(folderOf(path)),
  );
}

/** What this or another transfer gathers there, and will have another name. */
function isOnItsWay(path: Buffer): boolean {
  return path
    .subarray(path.lastIndexOf("/") + 1)
    .toString("latin1")
    .startsWith(STAGED_PREFIX);
}

/** Folders in the way of something else, and the other way round: nothing takes the place of either by itself. */
export function conflictsOf({ there, entries }: Mirrored): TreeEntry[] {
  return entries.flatMap(({ path, kind }) => {
    const other = there.get(keyOf(path));
    if (other === undefined || path.byteLength === 0 || kind === "special") return [];
    return (other.kind === "folder") === (kind === "folder") ? [] : [other];
  });
}

export function removeRemoteExtras(transfer: Transfer, final: PathUri, mirrored: Mirrored): Promise<void> {
  return removeRemote(transfer, final, extrasOf(mirrored));
}

export function removeRemoteConflicts(transfer: Transfer, final: PathUri, mirrored: Mirrored): Promise<void> {
  return removeRemote(transfer, final, conflictsOf(mirrored));
}

async function removeRemote(
  { executor, problems, signal }: Transfer,
  final: PathUri,
  entries: readonly TreeEntry[],
): Promise<void> {
  await forEachLimited(entries, { atOnce: AT_ONCE }, async ({ path, kind }) => {
    const uri = below(final, path);
    try {
      await executor.fs.remove(uri, { recursive: kind === "folder", force: true, signal });
    } catch (error) {
      if (signal.aborted || isLinkError(error)) throw error;
      problems.report(copyFailure(`cannot remove remote:${displayPath(uri)}`, error).message);
    }
  });
}

/** Remove from a held local folder. No link is followed. */
export async function removeLocal(
  held: HeldTree,
  entries: readonly TreeEntry[],
  { problems, signal }: Pick<Transfer, "problems" | "signal">,
): Promise<void> {
  for (const { path, kind } of entries) {
    signal.throwIfAborted();
    try {
      await held.at(path, (native) => (kind === "folder" ? removeTree(native) : systemCalls.unlink(native)));
    } catch (error) {
      problems.report(copyFailure(`cannot remove ${showPath(path)}`, error).message);
    }
  }
}
