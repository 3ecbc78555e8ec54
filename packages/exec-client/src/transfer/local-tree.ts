import { type BigIntStats, constants } from "node:fs";
import { lstat, readdir, readlink, stat } from "node:fs/promises";
import { copyFailure } from "./copy-failure.ts";
import type { HeldTree } from "./held-tree.ts";
import type { Problems } from "./problems.ts";
import { PERMISSION_BITS } from "./transfer.ts";
import { joinBytes, showPath, type TreeEntry } from "./tree-entry.ts";

/** Everything in a held local folder, itself first. What can not be read is a problem, and left out. */
export async function listLocalTree(tree: HeldTree, text: string, problems: Problems): Promise<TreeEntry[]> {
  const entries: TreeEntry[] = [];
  const visit = async (path: Buffer): Promise<void> => {
    try {
      const entry = await entryAt(tree, path);
      entries.push(entry);
      if (entry.kind !== "folder") return;
      const names = await tree.within(path, (folder) => readdir(folder, { encoding: "buffer" }));
      for (const name of names) await visit(path.byteLength === 0 ? name : joinBytes(path, name));
    } catch (error) {
      problems.report(copyFailure(`cannot read ${text}/${showPath(path)}`, error).message);
    }
  };
  await visit(Buffer.alloc(0));
  return entries;
}

function entryAt(tree: HeldTree, path: Buffer): Promise<TreeEntry> {
  const look = async (native: Buffer, stats: BigIntStats): Promise<TreeEntry> => {
    const kind = kindOf(stats);
    const mode = Number(stats.mode) & PERMISSION_BITS;
    const entry = { path, kind, mode, size: Number(stats.size) };
    return kind === "link" ? { ...entry, target: await readlink(native, { encoding: "buffer" }) } : entry;
  };
  // The top is what is held: it has no name in the tree.
  if (path.byteLength === 0) return stat(tree.top, { bigint: true }).then((stats) => look(tree.top, stats));
  return tree.at(path, async (native) => look(native, await lstat(native, { bigint: true })));
}

function kindOf({ mode }: BigIntStats): TreeEntry["kind"] {
  const type = Number(mode) & constants.S_IFMT;
  if (type === constants.S_IFDIR) return "folder";
  if (type === constants.S_IFREG) return "file";
  return type === constants.S_IFLNK ? "link" : "special";
}
