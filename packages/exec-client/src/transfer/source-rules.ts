import {
  IGNORE_FILE_MAX_BYTES,
  IgnoreRulesError,
  type PathUri,
  pathUriFromNativeBytes,
  toNativeBytes,
} from "@holdfast/path-uri";
import { collectFile } from "../filesystem/collect-file.ts";
import { forEachLimited } from "./for-each-limited.ts";
import type { Transfer } from "./transfer.ts";
import { depthOf, folderOf, joinBytes, keyOf, type TreeEntry } from "./tree-entry.ts";
import { TreeFilter } from "./tree-filter.ts";

const GITIGNORE = Buffer.from(".gitignore");
/** Files that are read at once. */
const AT_ONCE = 16;
const NOT_THERE = new Set(["ENOENT", "ENOTDIR"]);

/**
 * Of what is here and not in a folder of the executor, what that folder's own `.gitignore` files do not leave out either: they may not
 * have arrived here yet. Only the files that have a say are read.
 *
 * @param extras - What is in a folder before the folder itself. They are returned in this order.
 */
export async function notIgnoredAtSource(
  transfer: Pick<Transfer, "executor" | "filter" | "signal">,
  { root, listed }: { readonly root: PathUri; readonly listed: ReadonlyMap<string, TreeEntry> },
  extras: readonly TreeEntry[],
): Promise<TreeEntry[]> {
  const filter = TreeFilter.of(transfer.filter);
  if (filter?.followsFiles !== true) return [...extras];
  const top = Buffer.from(toNativeBytes(root));
  for (const level of levelsOf(foldersAround(extras, listed))) {
    await forEachLimited(level, { atOnce: AT_ONCE }, async (folder) => {
      const place = pathUriFromNativeBytes(joinBytes(joinBytes(top, folder), GITIGNORE));
      const text = await readIgnoreFile(transfer, place);
      if (text !== undefined) followIfPossible(filter, folder, text);
    });
  }
  return filter.admitted(extras.toReversed()).toReversed();
}

/** Those of the source that something extra is in, at whatever depth. */
function foldersAround(extras: readonly TreeEntry[], listed: ReadonlyMap<string, TreeEntry>): Buffer[] {
  const found = new Map<string, Buffer>();
  for (const { path } of extras) {
    let at = path;
    while (at.byteLength > 0) {
      at = folderOf(at);
      const key = keyOf(at);
      if (found.has(key)) break;
      if (at.byteLength === 0 || listed.get(key)?.kind === "folder") found.set(key, at);
    }
  }
  return [...found.values()];
}

/** Each level after the one above it. */
function levelsOf(folders: readonly Buffer[]): Buffer[][] {
  const levels: Buffer[][] = [];
  for (const folder of folders) {
    const depth = folder.byteLength === 0 ? 0 : depthOf({ path: folder }) + 1;
    levels[depth] ??= [];
    levels[depth].push(folder);
  }
  return levels.filter((level) => level !== undefined);
}

/** What can't be followed was told when the source was listed. Nothing that is in the folder is removed. */
function followIfPossible(filter: TreeFilter, folder: Buffer, text: Uint8Array): void {
  try {
    filter.follow(folder, text);
  } catch (error) {
    if (!(error instanceof IgnoreRulesError)) throw error;
  }
}

/** Undefined where it is no regular file: git goes through no link to one. */
async function readIgnoreFile(
  { executor, signal }: Pick<Transfer, "executor" | "signal">,
  place: PathUri,
): Promise<Uint8Array | undefined> {
  try {
    const { kind, size } = await executor.fs.lstat(place, { signal });
    if (kind !== "file") return undefined;
    // One byte more than may be in it, however much there is by now: it is too much to be followed then.
    const maxBytes = IGNORE_FILE_MAX_BYTES + 1;
    const blocks = executor.fs.createReadStream(place, { length: maxBytes, signal });
    return await collectFile(blocks, { size: Math.min(size, maxBytes), maxBytes });
  } catch (error) {
    if (error instanceof Error && "code" in error && NOT_THERE.has(String(error.code))) return undefined;
    throw error;
  }
}
