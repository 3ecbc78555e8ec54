import type { FileHandle } from "node:fs/promises";
import type { BlockSink } from "../filesystem/block-sink.ts";
import { STAGE_FILE } from "../filesystem/internal-calls.ts";
import { copyFailure } from "./copy-failure.ts";
import { discardSoon } from "./discard-soon.ts";
import type { RemotePlace } from "./remote-destination.ts";
import type { Progress, Transfer } from "./transfer.ts";

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
  const staged = await executor.fs[STAGE_FILE](path, { signal, mode, noFollowNames });
  try {
    await sendBlocks(file, staged.blocks, { text, signal, progress });
    if (!(await staged.commit())) onModeRefused?.();
  } catch (error) {
    await discardSoon(staged, signal);
    throw error;
  }
}

/** Read a file from its start to its end in blocks of one size; only the last is shorter. The next is read while one is sent. */
export async function sendBlocks(
  file: FileHandle,
  sink: BlockSink,
  { text, signal, progress }: SendOptions,
): Promise<void> {
  /** Blocks that the sink needs no more: new memory for each would keep the garbage collector at work. */
  const free: Buffer[] = [];
  const read = async (position: number): Promise<{ readonly block: Buffer; readonly bytes: number }> => {
    const block = free.pop() ?? Buffer.allocUnsafeSlow(sink.blockBytes);
    return { block, bytes: await readBlock(file, block, position) };
  };
  let reading = read(0);
  for (let copied = 0; ; ) {
    signal.throwIfAborted();
    const { block, bytes } = await reading.catch((error: unknown) => {
      throw copyFailure(`cannot read ${text}`, error);
    });
    if (bytes === 0) break;
    copied += bytes;
    reading = read(copied);
    reading.catch(() => {}); // awaited in its turn, or not at all when sending fails
    await sink.write(block.subarray(0, bytes), () => free.push(block));
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
