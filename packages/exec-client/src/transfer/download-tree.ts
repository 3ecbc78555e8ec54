import { open } from "node:fs/promises";
import { resolve } from "node:path";
import { type PathUri, pathUriFromNativeBytes, toNativeBytes } from "@holdfast/path-uri";
import { isLinkError } from "@holdfast/rpc";
import { copyFailure, refuseSpecial } from "./copy-failure.ts";
import { download, receive } from "./download.ts";
import { forEachLimited } from "./for-each-limited.ts";
import { systemCalls } from "./held-folders.ts";
import type { HeldTree } from "./held-tree.ts";
import { localFolder, mergeLocalFolder, PlacedFolders } from "./local-folder.ts";
import { localName } from "./local-name.ts";
import { kindOf } from "./remote-destination.ts";
import { meansContents } from "./remote-folder.ts";
import { remotePath } from "./remote-path.ts";
import { listRemoteTree, PATH_MAX_BYTES } from "./remote-tree.ts";
import { ToldSize } from "./told-size.ts";
import type { Transfer } from "./transfer.ts";
import { TransferError } from "./transfer-error.ts";
import { bytesOf, foldersOf, joinBytes, reportSpecial, showPath, type TreeEntry } from "./tree-entry.ts";

/** Files on their way at once. */
const AT_ONCE = 4;
const STAGED_MODE = 0o700;
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
  const entries = await listRemoteTree(executor, root, problems, signal, maxPathBytes);
  const name = (): Buffer => localName(source, path);
  try {
    await using folder = await localFolder(transfer, { name, isContents: meansContents(source.path) });
    const { staged, existing } = folder;
    const received = await receiveTree(transfer, root, entries, staged);
    signal.throwIfAborted();
    if (existing !== undefined) {
      await setFolderModes(existing, await mergeLocalFolder({ staged, existing }, received, problems), transfer);
    } else {
      await folder.moveIntoPlace();
      await setFolderModes(staged, received, transfer);
    }
  } catch (error) {
    throw copyFailure(`cannot copy ${source.text} to ${destination.text}`, error);
  }
}

/** @returns what is in the staged folder, itself first. */
async function receiveTree(
  transfer: Transfer,
  root: PathUri,
  entries: readonly TreeEntry[],
  staged: HeldTree,
): Promise<TreeEntry[]> {
  const { source, problems, signal } = transfer;
  const places = new PlacedFolders();
  const attempt = async (entry: TreeEntry, step: () => Promise<void>): Promise<boolean> => {
    // What stands below a folder that could not be made has been told together with it.
    if (!places.hasFolderOf(entry.path)) return false;
    signal.throwIfAborted();
    try {
      await step();
      return true;
    } catch (error) {
      if (signal.aborted || isLinkError(error) || isEndOfDisk(error)) throw error;
      problems.report(copyFailure(`cannot copy ${source.text}/${showPath(entry.path)}`, error).message);
      return false;
    }
  };
  for (const entry of foldersOf(entries)) {
    const isMade = await attempt(entry, async () => {
      await staged.at(entry.path, (path) => systemCalls.mkdir(path, STAGED_MODE));
      await staged.remember(entry.path);
    });
    if (isMade) places.add(entry);
  }
  using progress = transfer.progress(source.text, bytesOf(entries));
  const received = entries.filter(({ kind, path }) => kind === "folder" && path.byteLength === 0);
  received.push(...places.folders);
  const toldSize = new ToldSize();
  const advance = (bytes: number): void => progress.advance(bytes);
  const files = entries.filter(({ kind }) => kind === "file");
  await forEachLimited(files, { atOnce: AT_ONCE }, async (entry) => {
    const uri = pathUriFromNativeBytes(joinBytes(Buffer.from(toNativeBytes(root)), entry.path));
    const isReceived = await attempt(entry, () =>
      staged.at(entry.path, (local) => receiveFile(transfer, { uri, entry, local, toldSize, advance })),
    );
    if (isReceived) received.push(entry);
  });
  reportSpecial(entries, source.text, problems);
  for (const entry of entries) {
    const { kind, path, target } = entry;
    if (kind !== "link" || target === undefined) continue;
    if (await attempt(entry, () => staged.at(path, (link) => systemCalls.symlink(target, link)))) received.push(entry);
  }
  return received;
}

interface FileReception {
  readonly uri: PathUri;
  readonly entry: TreeEntry;
  /** Where there is nothing yet, by way of a held folder. */
  readonly local: Buffer;
  readonly toldSize: ToldSize;
  readonly advance: (bytes: number) => void;
}

async function receiveFile(transfer: Transfer, { uri, entry, local, toldSize, advance }: FileReception): Promise<void> {
  const { executor, signal } = transfer;
  await using file = await open(local, "wx");
  try {
    // A listing that knows no modes knows no sizes either.
    const { size } = entry.mode === undefined ? await executor.fs.metadata(uri, { signal }) : entry;
    await receive(transfer, uri, file, { admit: toldSize.file(size), advance });
    if (entry.mode !== undefined) await file.chmod(entry.mode);
  } catch (error) {
    await systemCalls.unlink(local).catch(() => {});
    throw error;
  }
}

/** Last, and the deepest first: a folder that may not be written takes no files. */
async function setFolderModes(tree: HeldTree, entries: readonly TreeEntry[], { problems }: Transfer): Promise<void> {
  const top = entries.filter(({ kind, path }) => kind === "folder" && path.byteLength === 0);
  for (const { path, mode } of [...top, ...foldersOf(entries)].toReversed()) {
    try {
      // What the held folder is known by leads to it alone, and never through a link.
      await tree.within(path, (folder) => systemCalls.chmod(folder, mode ?? 0o777 & ~process.umask()));
    } catch (error) {
      problems.report(copyFailure(`cannot set the permission bits of ${showPath(path)}`, error).message);
    }
  }
}

/** What would meet every file that follows as well. */
function isEndOfDisk(error: unknown): boolean {
  return error instanceof Error && "code" in error && ["ENOSPC", "EDQUOT", "EROFS"].includes(String(error.code));
}
