import { chmod, mkdir, open, rm, symlink } from "node:fs/promises";
import { isLinkError } from "@holdfast/exec-client";
import { type PathUri, pathUriFromNativeBytes, toNativeBytes } from "@holdfast/path-uri";
import { CommandFailure } from "../command-line/failure.ts";
import { remotePath } from "../executor/remote-path.ts";
import { copyFailure, refuseSpecial } from "./copy-failure.ts";
import { download, writeAll } from "./download.ts";
import { each } from "./each.ts";
import { type LocalFolder, localFolder, nameOf, settleLocalFolder } from "./local-folder.ts";
import { kindOf } from "./remote-destination.ts";
import { meansContents } from "./remote-folder.ts";
import { listRemoteTree } from "./remote-tree.ts";
import type { Transfer } from "./transfer.ts";
import { bytesOf, foldersOf, joinBytes, reportSpecial, showPath, type TreeEntry } from "./tree-entry.ts";

/** Files on their way at once. */
const AT_ONCE = 4;
const STAGED_MODE = 0o700;

/** Copy a folder of the executor to this machine, with everything in it. A file is copied as without `-r`. */
export async function downloadTree(transfer: Transfer): Promise<void> {
  const { executor, source, destination, problems, signal } = transfer;
  const path = remotePath(source.path, executor.environment, source.text);
  const kind = await kindOf(executor, path, source, refuseSpecial);
  if (kind === "absent")
    throw new CommandFailure(`cannot read ${source.text}: No such file or directory; check the path`);
  if (kind === "file") return download(transfer);
  const root = await executor.fs.canonicalize(path);
  const entries = await listRemoteTree(executor, root, problems, signal);
  const name = nameOf(Buffer.from(toNativeBytes(root)));
  const folder = await localFolder(transfer, { name, isContents: meansContents(source.path) });
  try {
    const received = await receiveTree(transfer, root, entries, folder);
    signal.throwIfAborted();
    await settleLocalFolder(folder, received, problems);
    await setFolderModes(folder, received, transfer);
  } catch (error) {
    throw copyFailure(`cannot copy ${source.text} to ${destination.text}`, error);
  } finally {
    await rm(folder.staged, { recursive: true, force: true });
  }
}

/** @returns what is in the staged folder. */
async function receiveTree(
  transfer: Transfer,
  root: PathUri,
  entries: readonly TreeEntry[],
  folder: LocalFolder,
): Promise<TreeEntry[]> {
  const { source, problems, signal } = transfer;
  const folders = foldersOf(entries);
  await mkdir(folder.staged, STAGED_MODE);
  for (const { path } of folders) await mkdir(joinBytes(folder.staged, path), STAGED_MODE);
  using progress = transfer.progress(source.text, bytesOf(entries));
  const received = entries.filter(({ kind }) => kind === "folder");
  const rootBytes = Buffer.from(toNativeBytes(root));
  const files = entries.filter(({ kind }) => kind === "file");
  await each(files, { atOnce: AT_ONCE }, async (entry) => {
    signal.throwIfAborted();
    const uri = pathUriFromNativeBytes(joinBytes(rootBytes, entry.path));
    const local = joinBytes(folder.staged, entry.path);
    try {
      await receiveFile(transfer, uri, local, { mode: entry.mode, advance: (bytes) => progress.advance(bytes) });
      received.push(entry);
    } catch (error) {
      if (signal.aborted || isLinkError(error) || isEndOfDisk(error)) throw error;
      await rm(local, { force: true });
      problems.report(copyFailure(`cannot copy ${source.text}/${showPath(entry.path)}`, error).message);
    }
  });
  reportSpecial(entries, source.text, problems);
  for (const entry of entries) {
    const { kind, path, target } = entry;
    if (kind !== "link" || target === undefined) continue;
    // After the files, so that no link leads one of them astray.
    await symlink(target, joinBytes(folder.staged, path));
    received.push(entry);
  }
  return received;
}

async function receiveFile(
  { executor, signal }: Transfer,
  uri: PathUri,
  local: Buffer,
  options: { readonly mode: number | undefined; readonly advance: (bytes: number) => void },
): Promise<void> {
  await using file = await open(local, "wx");
  for await (const block of executor.fs.createReadStream(uri, { signal })) {
    await writeAll(file, block);
    options.advance(block.byteLength);
  }
  if (options.mode !== undefined) await file.chmod(options.mode);
}

/** Last, and the deepest first: a folder that may not be written takes no files. */
async function setFolderModes(
  folder: LocalFolder,
  entries: readonly TreeEntry[],
  { problems }: Transfer,
): Promise<void> {
  const top = folder.isThere ? [] : entries.filter(({ path }) => path.byteLength === 0);
  for (const { path, mode } of [...top, ...foldersOf(entries)].toReversed()) {
    try {
      await chmod(joinBytes(folder.final, path), mode ?? 0o777 & ~process.umask());
    } catch (error) {
      problems.report(copyFailure(`cannot set the permission bits of ${showPath(path)}`, error).message);
    }
  }
}

/** What would meet every file that follows as well. */
const isEndOfDisk = (error: unknown): boolean =>
  error instanceof Error && "code" in error && ["ENOSPC", "EDQUOT", "EROFS"].includes(String(error.code));
