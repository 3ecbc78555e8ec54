import { type FileHandle, realpath } from "node:fs/promises";
import { basename, resolve } from "node:path";
import { acrossLines, isLinkError, isRemoteError } from "@holdfast/exec-client";
import { displayPath, type PathUri } from "@holdfast/path-uri";
import { copyFailure } from "./copy-failure.ts";
import { each } from "./each.ts";
import { listLocalTree } from "./local-tree.ts";
import { openRegular } from "./open-regular.ts";
import type { Progress } from "./progress-bar.ts";
import {
  discardRemoteFolder,
  meansContents,
  type RemoteFolder,
  remoteFolder,
  settleRemoteFolder,
} from "./remote-folder.ts";
import { sendFile } from "./send-file.ts";
import { below, sendLists } from "./send-lists.ts";
import type { Transfer } from "./transfer.ts";
import { bytesOf, depthOf, foldersOf, joinBytes, reportSpecial, showPath, type TreeEntry } from "./tree-entry.ts";
import { upload } from "./upload.ts";

/** Calls on their way at once. */
const AT_ONCE = 8;
/** Each of these holds some 8 MiB here, or 24 for executors before 0.169. */
const LARGE_FILES_AT_ONCE = 2;
/** Files up to this size go in one message: nobody sees the folder that they are in yet. */
const SMALL_FILE_BYTES = 1024 * 1024;

/** Copy a local folder to the executor, with everything in it. A file is copied as without `-r`. */
export async function uploadTree(transfer: Transfer): Promise<void> {
  const { executor, source, destination, problems } = transfer;
  const root = resolve(transfer.cwd, source.path);
  // A link as source stands for its target. What leads nowhere is told by looking at it.
  const real = await realpath(root, { encoding: "buffer" }).catch(() => Buffer.from(root));
  const entries = await listLocalTree(real, source.text, problems);
  const [top] = entries;
  if (top?.kind !== "folder") return top === undefined ? undefined : upload(transfer);
  const isContents = meansContents(source.path);
  const folder = await remoteFolder(executor, destination, { name: basename(root), isContents });
  try {
    await sendTree(transfer, real, entries, folder);
    transfer.signal.throwIfAborted();
    await settleRemoteFolder(executor, folder, { mode: top.mode, problems });
  } catch (error) {
    throw copyFailure(`cannot write remote:${displayPath(folder.final)}`, error);
  } finally {
    await discardRemoteFolder(executor, folder);
  }
}

async function sendTree(
  transfer: Transfer,
  root: Buffer,
  entries: readonly TreeEntry[],
  folder: RemoteFolder,
): Promise<void> {
  const { executor, source, problems } = transfer;
  await acrossLines((isAgain) =>
    executor.fs.createDirectory(folder.staged).catch((error: unknown) => {
      // Nobody else makes a folder of that name.
      if (!(isAgain && isRemoteError(error) && /file exists/i.test(error.message))) throw error;
    }),
  );
  const folders = foldersOf(entries);
  for (let depth = 0, left = folders; left.length > 0; depth += 1) {
    // Those of one level do not need each other.
    const level = left.filter((entry) => depthOf(entry) === depth);
    left = left.slice(level.length);
    await each(level, { atOnce: AT_ONCE }, ({ path }) =>
      acrossLines(() => executor.fs.createDirectory(below(folder.staged, path), { recursive: true })),
    );
  }
  using progress = transfer.progress(source.text, bytesOf(entries));
  const sent: TreeEntry[] = [];
  const send = async (entry: TreeEntry): Promise<void> => {
    transfer.signal.throwIfAborted();
    try {
      await sendEntry(transfer, joinBytes(root, entry.path), below(folder.staged, entry.path), progress);
      sent.push(entry);
    } catch (error) {
      if (transfer.signal.aborted || isLinkError(error) || isEndOfDisk(error)) throw error;
      problems.report(copyFailure(`cannot copy ${source.text}/${showPath(entry.path)}`, error).message);
    }
  };
  const files = entries.filter(({ kind }) => kind === "file");
  await each(
    files.filter(({ size }) => size <= SMALL_FILE_BYTES),
    { atOnce: AT_ONCE },
    send,
  );
  await each(
    files.filter(({ size }) => size > SMALL_FILE_BYTES),
    { atOnce: LARGE_FILES_AT_ONCE },
    send,
  );
  reportSpecial(entries, source.text, problems);
  await sendLists(transfer, folder, [...sent, ...folders, ...entries.filter(({ kind }) => kind === "link")]);
}

async function sendEntry(
  transfer: Transfer,
  path: Buffer,
  uri: PathUri,
  progress: Pick<Progress, "advance">,
): Promise<void> {
  await using file = await openRegular(path, showPath(path));
  const { size } = await file.stat();
  const content = size > SMALL_FILE_BYTES ? undefined : await readWhole(file, size);
  if (content === undefined)
    return await sendFile(file, transfer, uri, { text: showPath(path), mode: undefined, progress });
  await acrossLines(() => transfer.executor.fs.writeFile(uri, content, { signal: transfer.signal }));
  progress.advance(content.byteLength);
}

/** Undefined when there is more of it than its size says: it grows, or its system does not know. */
async function readWhole(file: FileHandle, size: number): Promise<Uint8Array | undefined> {
  const content = Buffer.allocUnsafe(size + 1);
  for (let length = 0; ; ) {
    const { bytesRead } = await file.read(content, length, content.byteLength - length, length);
    if (bytesRead === 0) return content.subarray(0, length);
    length += bytesRead;
    if (length > size) return undefined;
  }
}

/** What would meet every file that follows as well. */
const isEndOfDisk = (error: unknown): boolean =>
  isRemoteError(error) && /no space left|read-only file system|quota exceeded/i.test(error.message);
