import type { FileHandle } from "node:fs/promises";
import { displayPath, type PathUri } from "@holdfast/path-uri";
import { isLinkError } from "@holdfast/rpc";
import type { StagedTree } from "../filesystem/staged-tree.ts";
import { copyFailure, systemCodeOf } from "./copy-failure.ts";
import { discardSoon } from "./discard-soon.ts";
import { forEachLimited } from "./for-each-limited.ts";
import type { HeldTree } from "./held-tree.ts";
import type { LocalTree } from "./local-tree.ts";
import { openRegular } from "./open-regular.ts";
import type { RemotePlace } from "./remote-destination.ts";
import { below, putFolder } from "./remote-folder.ts";
import { type SendOptions, sendBlocks } from "./send-file.ts";
import { BLOCK_BYTES, type Transfer } from "./transfer.ts";
import { bytesOf, foldersOf, showPath, type TreeEntry } from "./tree-entry.ts";

/** Calls on their way at once. */
const AT_ONCE = 8;
/** Each of these holds some 8 MiB here, or 24 for executors before 0.169. */
const LARGE_FILES_AT_ONCE = 2;
/** Files up to this size go in one message: nobody sees the folder that they are in yet. */
const SMALL_FILE_BYTES = BLOCK_BYTES;

/** Send a folder file by file, to executors that take no archive. */
export async function uploadByFile(
  transfer: Transfer,
  { held: local, entries }: LocalTree,
  place: RemotePlace,
): Promise<void> {
  const { executor, problems, signal } = transfer;
  const fill = (tree: StagedTree) => sendTree(transfer, { local, entries, final: place.path, tree });
  await putFolder({ executor, place, problems, signal, entries, fill });
}

interface Sending {
  readonly local: HeldTree;
  readonly entries: readonly TreeEntry[];
  readonly final: PathUri;
  readonly tree: StagedTree;
}

async function sendTree(transfer: Transfer, { local, entries, final, tree }: Sending): Promise<void> {
  const { source, problems, signal } = transfer;
  const links = entries.filter(({ kind }) => kind === "link");
  const nodes = [...foldersOf(entries), ...links].map(({ path, target }) => ({ path: below(final, path), target }));
  for (const { path, message } of await tree.add(nodes)) {
    problems.report(`cannot make ${path === undefined ? source.text : displayPath(path)}: ${message}`);
  }
  using progress = transfer.progress(source.text, bytesOf(entries));
  const send = async (entry: TreeEntry): Promise<void> => {
    signal.throwIfAborted();
    const text = `${source.text}/${showPath(entry.path)}`;
    try {
      await sendEntry(tree, { local, remote: below(final, entry.path) }, entry, { text, signal, progress });
    } catch (error) {
      if (signal.aborted || isLinkError(error) || isEndOfDisk(error)) throw error;
      problems.report(copyFailure(`cannot copy ${text}`, error).message);
    }
  };
  const files = entries.filter(({ kind }) => kind === "file");
  const [small, large] = [files.filter(isSmall), files.filter((entry) => !isSmall(entry))];
  await forEachLimited(small, { atOnce: AT_ONCE }, send);
  await forEachLimited(large, { atOnce: LARGE_FILES_AT_ONCE }, send);
}

function isSmall({ size }: TreeEntry): boolean {
  return size <= SMALL_FILE_BYTES;
}

async function sendEntry(
  tree: StagedTree,
  { local, remote }: { readonly local: HeldTree; readonly remote: PathUri },
  { path, mode }: TreeEntry,
  { text, signal, progress }: SendOptions,
): Promise<void> {
  await using file = await local.at(path, (native) => openRegular(native, text, { noFollow: true }));
  const { size } = await file.stat();
  const content = size > SMALL_FILE_BYTES ? undefined : await readWhole(file, size);
  if (content !== undefined) {
    await tree.put(remote, content, mode);
    progress.advance(content.byteLength);
    return;
  }
  const staged = await tree.stageFile(remote, { mode, signal });
  try {
    await sendBlocks(file, staged.blocks, { text, signal, progress });
    await staged.commit();
  } catch (error) {
    await discardSoon(staged, signal);
    throw error;
  }
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
function isEndOfDisk(error: unknown): boolean {
  return ["ENOSPC", "EDQUOT", "EROFS"].includes(systemCodeOf(error) ?? "");
}
