import { open } from "node:fs/promises";
import { type PathUri, pathUriFromNativeBytes, toNativeBytes } from "@holdfast/path-uri";
import { isLinkError } from "@holdfast/rpc";
import { UnsupportedError } from "../errors/unsupported-error.ts";
import { copyFailure } from "./copy-failure.ts";
import { receive } from "./download.ts";
import { forEachLimited } from "./for-each-limited.ts";
import { systemCalls } from "./held-folders.ts";
import type { HeldTree } from "./held-tree.ts";
import { PlacedFolders } from "./local-folder.ts";
import { listRemoteTree } from "./remote-tree.ts";
import { ToldSize } from "./told-size.ts";
import type { Transfer } from "./transfer.ts";
import { bytesOf, foldersOf, joinBytes, reportSpecial, showPath, type TreeEntry } from "./tree-entry.ts";
import { TreeFilter } from "./tree-filter.ts";

/** Files on their way at once. */
const AT_ONCE = 4;
const STAGED_MODE = 0o700;

/**
 * Receive a folder file by file, from executors that give no archive.
 *
 * @returns what is in the staged folder, itself first.
 */
export async function receiveByFile(
  transfer: Transfer,
  { root, maxPathBytes }: { readonly root: PathUri; readonly maxPathBytes: number },
  staged: HeldTree,
): Promise<TreeEntry[]> {
  const { executor, source, problems, signal } = transfer;
  if (transfer.filter.gitignore === true) {
    throw new UnsupportedError("leaving out what .gitignore files say", "the capability holdfastTrees");
  }
  const listed = await listRemoteTree(executor, root, problems, signal, maxPathBytes);
  const entries = TreeFilter.of(transfer.filter)?.admitted(listed) ?? listed;
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

/** What would meet every file that follows as well. */
function isEndOfDisk(error: unknown): boolean {
  return error instanceof Error && "code" in error && ["ENOSPC", "EDQUOT", "EROFS"].includes(String(error.code));
}
