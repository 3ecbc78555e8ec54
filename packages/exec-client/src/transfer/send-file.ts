import type { FileHandle } from "node:fs/promises";
import { copyFailure } from "./copy-failure.ts";
import type { RemotePlace } from "./remote-destination.ts";
import { BLOCK_BYTES, type Progress, type Transfer } from "./transfer.ts";

/** How a local file is read and told of. */
export interface SendOptions {
  /** How messages name the local file. */
  readonly text: string;
  readonly signal: AbortSignal;
  readonly progress: Pick<Progress, "advance">;
}

/** Send an open local file, from its start to its end, to a place on the executor: whole or not at all. */
export async function sendFile(
  file: FileHandle,
  { executor, signal }: Pick<Transfer, "executor" | "signal">,
  { path, noFollowNames }: RemotePlace,
  options: Omit<SendOptions, "signal"> & {
    readonly mode: number | undefined;
    readonly onModeRefused?: () => void;
  },
): Promise<void> {
  const { text, mode, onModeRefused, progress } = options;
  const writer = executor.fs.createWriteStream(path, { signal, mode, onModeRefused, noFollowNames }).getWriter();
  try {
    // The stream copies what it gets before it resolves.
    await sendBlocks(file, (data) => writer.write(data), { text, signal, progress, blockBytes: BLOCK_BYTES });
    await writer.close();
  } catch (error) {
    await writer.abort(error).catch(() => {});
    throw error;
  }
}

/**
 * Read a file from its start to its end in blocks of one size; only the last is shorter.
 *
 * @param write - The block is used again as soon as it resolves.
 */
export async function sendBlocks(
  file: FileHandle,
  write: (data: Uint8Array) => Promise<void>,
  { text, signal, progress, blockBytes }: SendOptions & { readonly blockBytes: number },
): Promise<void> {
  const buffer = Buffer.allocUnsafeSlow(blockBytes);
  for (let copied = 0; ; ) {
    signal.throwIfAborted();
    const bytes = await readBlock(file, buffer, copied).catch((error: unknown) => {
      throw copyFailure(`cannot read ${text}`, error);
    });
    if (bytes === 0) break;
    await write(buffer.subarray(0, bytes));
    copied += bytes;
    progress.advance(bytes);
  }
  signal.throwIfAborted();
}

async function readBlock(file: FileHandle, buffer: Buffer, position: number): Promise<number> {
  for (let length = 0; ; ) {
    const { bytesRead } = await file.read(buffer, length, buffer.byteLength - length, position + length);
    length += bytesRead;
    if (bytesRead === 0 || length === buffer.byteLength) return length;
  }
}
