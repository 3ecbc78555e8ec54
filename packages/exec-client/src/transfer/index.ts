import { UnsupportedError } from "../errors/unsupported-error.ts";
import type { Executor } from "../executor.ts";
import type { RemotePath } from "../paths.ts";
import { copyOnExecutor } from "./copy-on-executor.ts";
import { copyTreeOnExecutor } from "./copy-tree-on-executor.ts";
import { download as downloadFile } from "./download.ts";
import { downloadTree } from "./download-tree.ts";
import type { Endpoint } from "./endpoint.ts";
import type { FolderOptions, SyncOptions, TransferOptions, TransferResult } from "./options.ts";
import { runTransfer } from "./run-transfer.ts";
import { downloadTo as downloadBlocks, uploadFrom as uploadBlocks } from "./streams.ts";
import { treeCallsOf } from "./tree-calls.ts";
import { upload as uploadFile } from "./upload.ts";
import { uploadTree } from "./upload-tree.ts";

export type {
  Comparison,
  FolderOptions,
  SyncOptions,
  TransferOptions,
  TransferProgress,
  TransferResult,
} from "./options.ts";
export { TransferError } from "./transfer-error.ts";

/**
 * Copy a local file or folder to the executor: whole under its final name, or not at all. A folder is merged into one that is
 * there, file by file. Permission bits and links are kept, owners are not.
 *
 * @param local - As for `cp`: `folder/.` means what is in it. Relative paths start at `cwd`.
 * @param remote - Absolute path, `file:` URI, or a path from the executor's working folder. Into a folder that is there it goes
 * under the name of the source. A link there is refused, unless the path ends with a slash.
 * @throws TransferError - `incomplete`: something was left out. `failed`: nothing was put in place.
 * @throws InvalidArgumentError - `remote` is no path on this executor.
 */
export function upload(
  executor: Executor,
  local: string,
  remote: RemotePath,
  options: FolderOptions = {},
): Promise<TransferResult> {
  const perform = options.recursive === false ? uploadFile : uploadTree;
  return runTransfer(executor, { source: localEnd(local), destination: remoteEnd(remote) }, options, perform);
}

/** Copy a file or folder of the executor to this machine. As {@link upload}, the other way round. */
export function download(
  executor: Executor,
  remote: RemotePath,
  local: string,
  options: FolderOptions = {},
): Promise<TransferResult> {
  const perform = options.recursive === false ? downloadFile : downloadTree;
  return runTransfer(executor, { source: remoteEnd(remote), destination: localEnd(local) }, options, perform);
}

/**
 * Make a folder on one side like one on the other: what is in `local` and what is in `remote`, which need not be there yet. Moves only
 * what differs; see `compare`.
 *
 * @throws TransferError, InvalidArgumentError - As {@link upload}.
 * @throws UnsupportedError - `delete`, on an executor that can not list.
 */
export async function sync(
  executor: Executor,
  local: string,
  remote: RemotePath,
  options: SyncOptions = {},
): Promise<TransferResult> {
  if (options.delete === true && treeCallsOf(executor) === undefined) {
    throw new UnsupportedError("sync with delete", "the capability holdfastTrees");
  }
  const settings = { ...options, recursive: true };
  if (options.direction === "down") {
    const ends = { source: contentsOf(remoteEnd(remote)), destination: localEnd(local) };
    return await runTransfer(executor, ends, settings, downloadTree);
  }
  const ends = { source: contentsOf(localEnd(local)), destination: remoteEnd(remote) };
  return await runTransfer(executor, ends, settings, uploadTree);
}

/** Copy a file or folder from one place of the executor to another. Its bytes stay there. */
export function copyWithin(
  executor: Executor,
  from: RemotePath,
  to: RemotePath,
  options: TransferOptions = {},
): Promise<TransferResult> {
  const perform = options.recursive === false ? copyOnExecutor : copyTreeOnExecutor;
  return runTransfer(executor, { source: remoteEnd(from), destination: remoteEnd(to) }, options, perform);
}

/** Put what a source gives into one file on the executor: whole under its name, or not at all. */
export function uploadFrom(
  executor: Executor,
  source: AsyncIterable<Uint8Array | string>,
  remote: RemotePath,
  options: Pick<TransferOptions, "signal"> = {},
): Promise<TransferResult> {
  const ends = { source: localEnd("-"), destination: remoteEnd(remote) };
  return runTransfer(executor, ends, options, (transfer) => uploadBlocks(transfer, source));
}

/** Hand one file of the executor to `sink`, block by block, waiting for each to be taken. What `sink` throws ends it. */
export function downloadTo(
  executor: Executor,
  remote: RemotePath,
  sink: (block: Uint8Array<ArrayBuffer>) => Promise<void>,
  options: Pick<TransferOptions, "signal"> = {},
): Promise<TransferResult> {
  const ends = { source: remoteEnd(remote), destination: localEnd("-") };
  return runTransfer(executor, ends, options, (transfer) => downloadBlocks(transfer, sink));
}

/** What is in a folder, rather than the folder. */
function contentsOf({ path, ...end }: Endpoint): Endpoint {
  return { ...end, path: `${path}/.` };
}

function localEnd(path: string): Endpoint {
  return { side: "local", path, text: path };
}

function remoteEnd(path: RemotePath): Endpoint {
  return { side: "remote", path: String(path), text: `remote:${path}` };
}
