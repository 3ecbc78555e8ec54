import { resolve } from "node:path";
import { UnsupportedError } from "../errors/unsupported-error.ts";
import { copyFailure, refuseSpecial } from "./copy-failure.ts";
import { download } from "./download.ts";
import { receiveByArchive } from "./download-by-archive.ts";
import { receiveByFile } from "./download-by-file.ts";
import { receiveByTar } from "./download-by-tar.ts";
import type { HeldTree } from "./held-tree.ts";
import { localFolder, mergeLocalFolder, setFolderModes } from "./local-folder.ts";
import { localName } from "./local-name.ts";
import { kindOf } from "./remote-destination.ts";
import { meansContents } from "./remote-folder.ts";
import { remotePath } from "./remote-path.ts";
import { PATH_MAX_BYTES } from "./remote-tree.ts";
import type { Transfer } from "./transfer.ts";
import { TransferError } from "./transfer-error.ts";
import { treeCallsOf } from "./tree-calls.ts";
import type { TreeEntry } from "./tree-entry.ts";

/** For the name of the folder itself, and its separators. */
const NAME_ROOM_BYTES = 258;

/** Copy a folder of the executor to this machine, with everything in it. A file is copied as without `-r`. */
export async function downloadTree(transfer: Transfer): Promise<void> {
  const { executor, source, destination, cwd, problems, signal } = transfer;
  const path = remotePath(source.path, executor.environment, source.text);
  const kind = await kindOf(transfer, path, source, refuseSpecial);
  if (kind === "absent")
    throw new TransferError(`cannot read ${source.text}: No such file or directory; check the path`);
  if (kind === "file") return download(transfer);
  const root = await executor.fs.canonicalize(path, { signal });
  // What could not be named here by its whole path would be in nobody's reach.
  const maxPathBytes = PATH_MAX_BYTES - Buffer.byteLength(resolve(cwd, destination.path)) - NAME_ROOM_BYTES;
  const name = (): Buffer => localName(source, path);
  const calls = treeCallsOf(executor);
  try {
    await using folder = await localFolder(transfer, { name, isContents: meansContents(source.path) });
    const { staged, existing } = folder;
    const wanted = { root, maxPathBytes };
    const received =
      calls === undefined
        ? await receiveWithoutCalls(transfer, wanted, staged)
        : await receiveByArchive(transfer, calls, wanted, folder);
    signal.throwIfAborted();
    if (existing !== undefined) {
      const folders = await mergeLocalFolder({ staged, existing }, received, transfer);
      await setFolderModes(existing, folders, problems);
    } else {
      await folder.moveIntoPlace();
      await setFolderModes(staged, received, problems);
    }
  } catch (error) {
    signal.throwIfAborted();
    throw copyFailure(`cannot copy ${source.text} to ${destination.text}`, error);
  }
}

/** From an executor that gives no archive itself. */
async function receiveWithoutCalls(
  transfer: Transfer,
  wanted: Parameters<typeof receiveByFile>[1],
  staged: HeldTree,
): Promise<readonly TreeEntry[]> {
  const { exclude, gitignore = false } = transfer.filter;
  if (gitignore) throw new UnsupportedError("leaving out what .gitignore files say", "the capability holdfastTrees");
  // What is to be left out is known by its name before it is asked for.
  const isFiltered = exclude !== undefined && exclude.length > 0;
  const received = isFiltered ? undefined : await receiveByTar(transfer, wanted, staged);
  return received ?? receiveByFile(transfer, wanted, staged);
}
