import { realpath, stat } from "node:fs/promises";
import { basename, resolve } from "node:path";
import { entriesThere } from "./entries-there.ts";
import { pinDirectory } from "./held-folders.ts";
import { HeldTree } from "./held-tree.ts";
import { listLocalTree } from "./local-tree.ts";
import { meansContents, remoteFolder } from "./remote-folder.ts";
import type { Transfer } from "./transfer.ts";
import { treeCallsOf } from "./tree-calls.ts";
import { reportSpecial } from "./tree-entry.ts";
import { TreeFilter } from "./tree-filter.ts";
import { upload } from "./upload.ts";
import { uploadByArchive } from "./upload-by-archive.ts";
import { uploadByFile } from "./upload-by-file.ts";
import { uploadByTar } from "./upload-by-tar.ts";

/**
 * Copy a local folder to the executor, with everything in it. A file is copied as without `-r`.
 *
 * The folder is held, and everything in it is reached from there through no link: whoever may write in it must not have files
 * read for him that he may not read himself.
 */
export async function uploadTree(transfer: Transfer): Promise<void> {
  const { executor, source, destination, problems, signal } = transfer;
  const root = resolve(transfer.cwd, source.path);
  const top = await stat(root).catch(() => undefined);
  // What leads nowhere is told by looking at it.
  if (top?.isDirectory() !== true) return upload(transfer);
  // A link as source stands for its target.
  const real = await realpath(root, { encoding: "buffer" });
  const held = new HeldTree(await pinDirectory(real, { noFollow: true }));
  await using _ = { [Symbol.asyncDispose]: () => held.close() };
  const filter = TreeFilter.of(transfer.filter);
  const isContents = meansContents(source.path);
  const calls = treeCallsOf(executor);
  const placing = remoteFolder(transfer, destination, { name: basename(root), isContents });
  // The executor lists what is there while this machine lists what is here.
  const listing = calls && placing.then((place) => entriesThere(transfer, calls, place));
  listing?.catch(() => {}); // awaited later, or not at all
  const [entries, place] = await Promise.all([
    listLocalTree(held.top, { text: source.text, problems, signal, filter }),
    placing,
  ]);
  const tree = { held, real, entries, filter };
  if (calls === undefined || listing === undefined) {
    if (!(await uploadByTar(transfer, tree, place))) await uploadByFile(transfer, tree, place);
  } else await uploadByArchive(transfer, calls, tree, { place, listing });
  reportSpecial(entries, source.text, problems);
}
