import { basename, displayPath } from "@holdfast/path-uri";
import { refuseSpecial } from "./copy-failure.ts";
import { copyOnExecutor, realPath } from "./copy-on-executor.ts";
import { kindOf } from "./remote-destination.ts";
import { below, meansContents, putFolder, remoteFolder } from "./remote-folder.ts";
import { remotePath } from "./remote-path.ts";
import { listRemoteTree } from "./remote-tree.ts";
import type { Transfer } from "./transfer.ts";
import { TransferError } from "./transfer-error.ts";
import { foldersOf, reportSpecial } from "./tree-entry.ts";

/** Copy a folder from one place of the executor to another. Its bytes stay there. */
export async function copyTreeOnExecutor(transfer: Transfer): Promise<void> {
  const { executor, source, destination, problems, signal } = transfer;
  const path = remotePath(source.path, executor.environment, source.text);
  if ((await kindOf(transfer, path, source, refuseSpecial)) !== "folder") return copyOnExecutor(transfer);
  const original = await executor.fs.canonicalize(path, { signal });
  const isContents = meansContents(source.path);
  const place = await remoteFolder(transfer, destination, { name: basename(original) ?? "", isContents });
  const { path: final } = place;
  if ((await realPath(transfer, final)) === original) {
    throw new TransferError(`${source.text} and ${destination.text} are the same folder`);
  }
  const entries = await listRemoteTree(executor, original, problems, signal);
  reportSpecial(entries, source.text, problems);
  const rest = entries.filter(({ kind }) => kind === "file" || kind === "link");
  const nodes = [...foldersOf(entries), ...rest].map(({ path: from, kind, mode, target }) => ({
    path: below(final, from),
    isFile: kind === "file",
    mode,
    target,
  }));
  await putFolder({
    executor,
    place,
    problems,
    signal,
    entries,
    async fill(tree) {
      for (const { path: left, message } of await tree.copyFrom(original, nodes)) {
        problems.report(`cannot copy ${left === undefined ? source.text : displayPath(left)}: ${message}`);
      }
    },
  });
}
