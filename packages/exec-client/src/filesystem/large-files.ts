import { abortedBy, type Clock, LinkError } from "@holdfast/rpc";
import { refusalOf } from "../errors/refusal.ts";
import { FileTransferError, isNotFound } from "../errors.ts";
import { Interruption } from "../interruption.ts";
import { FILE_MESSAGE_MAX_BYTES, READ_FILE_MAX_BYTES } from "../limits.ts";
import type { RemotePath } from "../paths.ts";
import { collectFile } from "./collect-file.ts";
import { type FileSource, fileBlocks } from "./file-blocks.ts";
import type { FileOperations } from "./file-operations.ts";
import type { StagedFile } from "./staged-file.ts";
import type { LinkedFileCallOptions } from "./types.ts";
import { writeBlocks, writePieces } from "./write-blocks.ts";

/** How long to wait for a file that takes many calls. */
interface Patience {
  readonly clock: Clock;
  readonly signal: AbortSignal | undefined;
  readonly timeoutMs: number | undefined;
}

/** What fits into one message from an executor, 190 MiB: a larger one ends the line. */
const ANSWER_MAX_BYTES = 199_229_440;

/** Executors before 0.150 open no file under a sandbox. */
const NO_SANDBOXED_STREAMS = /do not support platform sandboxing/;

/**
 * The size of a regular file that is too large for one message. Errors are left to the read itself, which names them.
 *
 * @throws FileTransferError - `unsupported`: it is, and links are not to be followed.
 */
export async function sizeOfLargeFile(
  fs: Pick<FileOperations, "metadata">,
  path: RemotePath,
  options: LinkedFileCallOptions,
): Promise<number | undefined> {
  const found = await fs.metadata(path, options).catch(() => undefined);
  if (found?.isFile !== true || found.size <= FILE_MESSAGE_MAX_BYTES || found.size > READ_FILE_MAX_BYTES)
    return undefined;
  if (options.followSymlinks !== false) return found.size;
  // A handle is always opened through links: without them it takes one message.
  if (found.size <= ANSWER_MAX_BYTES) return undefined;
  throw new FileTransferError(
    "unsupported",
    `${found.size} bytes can not be read with followSymlinks: false: limit is ${ANSWER_MAX_BYTES} bytes`,
  );
}

/** Resolves with undefined when the executor gives it in one message only. */
export async function readLargeFile(
  source: FileSource,
  { size, ...patience }: Patience & { readonly size: number },
): Promise<Uint8Array<ArrayBuffer> | undefined> {
  const bounds = { size, maxBytes: READ_FILE_MAX_BYTES };
  const all = { offset: 0, end: Number.POSITIVE_INFINITY };
  try {
    return await withDeadline("fs/readFile", patience, (signal) =>
      collectFile(fileBlocks(source, all, signal), bounds),
    );
  } catch (error) {
    const refusal = refusalOf(error)?.message ?? "";
    if (size <= ANSWER_MAX_BYTES && NO_SANDBOXED_STREAMS.test(refusal)) return undefined;
    throw error;
  }
}

/**
 * @param data - All of it, or where it comes from, piece by piece, until the signal aborts.
 * @throws FileTransferError - `unsupported`: the file is in place, without the permission bits that it was to have.
 */
export function writeLargeFile(
  stage: (signal: AbortSignal) => Promise<StagedFile>,
  data: Uint8Array | ((signal: AbortSignal) => AsyncIterable<Uint8Array>),
  patience: Patience,
): Promise<void> {
  return withDeadline("fs/writeFile", patience, async (signal) => {
    const file = await stage(signal);
    try {
      if (typeof data === "function") await writePieces(file.blocks, data(signal));
      else await writeBlocks(file.blocks, data, signal);
      if (!(await file.commit())) {
        throw new FileTransferError("unsupported", "the file is in place, but its permission bits could not be set");
      }
    } catch (error) {
      await file.discard();
      throw error;
    }
  });
}

/** @throws FileTransferError - It is a link, and links are not to be followed. */
export async function refuseLink(
  fs: Pick<FileOperations, "metadata">,
  path: RemotePath,
  options: LinkedFileCallOptions,
): Promise<void> {
  if (options.followSymlinks !== false) return;
  const found = await fs.metadata(path, options).catch((error: unknown) => {
    if (isNotFound(error)) return undefined;
    throw error;
  });
  if (found?.isSymlink !== true) return;
  throw new FileTransferError("not-placed", "cannot put the file in place: Symbolic link loop (os error 40)");
}

/** Run an operation of many calls under one deadline and one signal. */
async function withDeadline<Result>(
  method: string,
  { clock, timeoutMs, signal }: Patience,
  operation: (signal: AbortSignal) => Promise<Result>,
): Promise<Result> {
  using interruption = new Interruption(clock, { timeoutMs, signal });
  const { promise: interrupted, reject } = Promise.withResolvers<never>();
  interruption.signal.addEventListener("abort", () => reject(interruption.signal.reason), { once: true });
  try {
    // What can not be broken off, such as the last step, goes on and cleans up behind itself, unawaited.
    return await Promise.race([operation(interruption.signal), interrupted]);
  } catch (error) {
    const { reason } = interruption;
    if (reason === undefined) throw error;
    const delivery = "unknown";
    if (reason.signal !== undefined) throw abortedBy(reason.signal, method, { delivery, method });
    throw new LinkError("timeout", `${method} took more than ${Math.ceil(timeoutMs ?? 0)} ms`, { delivery, method });
  }
}
