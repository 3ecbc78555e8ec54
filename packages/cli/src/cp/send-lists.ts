import { acrossLines } from "@holdfast/exec-client";
import { type PathUri, pathUriFromNativeBytes, toNativeBytes } from "@holdfast/path-uri";
import { listsOf, type RemoteFolder } from "./remote-folder.ts";
import type { Transfer } from "./transfer.ts";
import { joinBytes, showPath, type TreeEntry } from "./tree-entry.ts";
import { treeLists } from "./tree-lists.ts";

/** Put the lists on the executor that `settleRemoteFolder` reads there. */
export async function sendLists(
  { executor, problems }: Transfer,
  folder: RemoteFolder,
  entries: readonly TreeEntry[],
): Promise<void> {
  if (executor.environment.pathConvention === "windows") {
    const links = entries.filter(({ kind }) => kind === "link");
    for (const { path } of links)
      problems.report(`${showPath(path)} is left out: the executor's system takes no links`);
    return;
  }
  await acrossLines(() => executor.fs.createDirectory(listsOf(folder), { recursive: true }));
  for (const [name, content] of treeLists(entries)) {
    await acrossLines(() => executor.fs.writeFile(below(listsOf(folder), Buffer.from(name)), content));
  }
}

/** A path below a folder on the executor. */
export const below = (folder: PathUri, path: Buffer): PathUri =>
  pathUriFromNativeBytes(joinBytes(Buffer.from(toNativeBytes(folder)), path));
