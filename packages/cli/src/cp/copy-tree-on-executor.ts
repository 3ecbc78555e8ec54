import { basename, displayPath } from "@holdfast/path-uri";
import { CommandFailure } from "../command-line/failure.ts";
import { remotePath } from "../executor/remote-path.ts";
import { copyFailure, refuseSpecial } from "./copy-failure.ts";
import { copyOnExecutor } from "./copy-on-executor.ts";
import { kindOf } from "./remote-destination.ts";
import { discardRemoteFolder, meansContents, remoteFolder, settleRemoteFolder } from "./remote-folder.ts";
import { listRemoteTree } from "./remote-tree.ts";
import { sendLists } from "./send-lists.ts";
import type { Transfer } from "./transfer.ts";
import { foldersOf, reportSpecial } from "./tree-entry.ts";

/** Copy a folder from one place of the executor to another. Its bytes stay there. */
export async function copyTreeOnExecutor(transfer: Transfer): Promise<void> {
  const { executor, source, destination, problems, signal } = transfer;
  const path = remotePath(source.path, executor.environment, source.text);
  if ((await kindOf(executor, path, source, refuseSpecial)) !== "folder") return copyOnExecutor(transfer);
  const original = await executor.fs.canonicalize(path);
  const isContents = meansContents(source.path);
  const folder = await remoteFolder(executor, destination, { name: basename(original) ?? "", isContents });
  if (folder.final === original) throw new CommandFailure(`${source.text} and ${destination.text} are the same folder`);
  const entries = await listRemoteTree(executor, original, problems, signal);
  reportSpecial(entries, source.text, problems);
  try {
    await executor.fs.copy(original, folder.staged, { recursive: true, signal });
    signal.throwIfAborted();
    // It keeps the modes of files, not those of folders.
    await sendLists(transfer, folder, foldersOf(entries));
    await settleRemoteFolder(executor, folder, { mode: entries[0]?.mode, problems });
  } catch (error) {
    throw copyFailure(`cannot write remote:${displayPath(folder.final)}`, error);
  } finally {
    await discardRemoteFolder(executor, folder);
  }
}
