import { folderOf, keyOf, type TreeEntry } from "./tree-entry.ts";

/** Times that are nearer to each other are the same: not every call takes nanoseconds. */
const SAME_TIME_NS = 2_000n;

/** What a copy has to move, given what is at its destination already. */
export interface TreeDifference {
  /** What differs, and the folders that it is in, in the order of the source. */
  readonly changed: readonly TreeEntry[];
  /** Bytes of files that need not be moved. */
  readonly equalBytes: number;
}

/**
 * Find what of a tree another one lacks or has differently: kind, size, time, permission bits, what a link says.
 *
 * @param equalContent - Keys of files whose content is the same. It then decides in place of the time.
 */
export function differenceOf(
  source: readonly TreeEntry[],
  there: ReadonlyMap<string, TreeEntry>,
  equalContent?: ReadonlySet<string>,
): TreeDifference {
  const needed = new Set<string>();
  let equalBytes = 0;
  const need = (entry: TreeEntry): void => {
    needed.add(keyOf(entry.path));
    for (let folder = folderOf(entry.path); folder.byteLength > 0; folder = folderOf(folder)) {
      const key = keyOf(folder);
      if (needed.has(key)) return;
      needed.add(key);
    }
  };
  for (const entry of source) {
    if (entry.path.byteLength === 0 || entry.kind === "special") continue;
    const other = there.get(keyOf(entry.path));
    if (other !== undefined && isEqual(entry, other, equalContent))
      equalBytes += entry.kind === "file" ? entry.size : 0;
    else need(entry);
  }
  const changed =
    needed.size === 0 ? [] : source.filter(({ path }) => path.byteLength === 0 || needed.has(keyOf(path)));
  return { changed, equalBytes };
}

function isEqual(one: TreeEntry, other: TreeEntry, equalContent: ReadonlySet<string> | undefined): boolean {
  if (one.kind !== other.kind) return false;
  if (one.kind === "link") return one.target !== undefined && other.target?.equals(one.target) === true;
  if (one.mode !== undefined && one.mode !== other.mode) return false;
  if (one.kind === "folder") return true;
  if (equalContent !== undefined) return equalContent.has(keyOf(one.path));
  return one.size === other.size && isSameTime(one.modifiedNs, other.modifiedNs);
}

export function isSameTime(one: bigint | undefined, other: bigint | undefined): boolean {
  if (one === undefined || other === undefined) return false;
  const apart = one - other;
  return apart <= SAME_TIME_NS && apart >= -SAME_TIME_NS;
}
