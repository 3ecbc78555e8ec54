import { isLinkError } from "@holdfast/rpc";
import { FILE_BLOCK_MAX_BYTES } from "../limits.ts";
import type { RemoteFileHandle } from "./file-handle.ts";
import type { FileBlock } from "./types.ts";

/** Which part of a file to stream, and until when. */
export interface ReadStreamRange {
  /** First byte. Default 0. */
  readonly offset?: number | undefined;
  /** Bytes at most. Default: to the end. */
  readonly length?: number | undefined;
  /** Errors the stream with the signal's reason and closes the file. */
  readonly signal?: AbortSignal | undefined;
}

/**
 * A file as a stream of blocks of up to 1 MiB. It is opened by the first read; while one block is being used, the next
 * is on its way. The file is closed however the stream ends.
 */
export const fileReadStream = (
  open: (signal: AbortSignal) => Promise<RemoteFileHandle>,
  range: ReadStreamRange,
): ReadableStream<Uint8Array<ArrayBuffer>> => {
  const stop = new AbortController();
  const blocks = readBlocks(open, range, stop.signal);
  const listening = new AbortController();
  const end = (): Promise<unknown> => {
    listening.abort();
    stop.abort();
    return blocks.return();
  };
  return new ReadableStream<Uint8Array<ArrayBuffer>>(
    {
      start(controller) {
        const { signal } = range;
        const onAbort = (): void => {
          controller.error(signal?.reason);
          end().catch(() => {});
        };
        if (signal?.aborted) onAbort();
        else signal?.addEventListener("abort", onAbort, { once: true, signal: listening.signal });
      },
      async pull(controller) {
        const { done, value } = await blocks.next();
        if (range.signal?.aborted) return;
        if (!done) return controller.enqueue(value);
        listening.abort();
        controller.close();
      },
      async cancel() {
        await end();
      },
    },
    { highWaterMark: 0 },
  );
};

async function* readBlocks(
  open: (signal: AbortSignal) => Promise<RemoteFileHandle>,
  range: ReadStreamRange,
  signal: AbortSignal,
): AsyncGenerator<Uint8Array<ArrayBuffer>, void, void> {
  const handle = await open(signal);
  try {
    let offset = range.offset ?? 0;
    const end = range.length === undefined ? Number.POSITIVE_INFINITY : offset + range.length;
    const readNext = (): Promise<FileBlock> | undefined => {
      if (offset >= end) return undefined;
      const block = handle.read(offset, Math.min(FILE_BLOCK_MAX_BYTES, end - offset), { signal });
      block.catch(() => {}); // nobody waits for it when the stream ends first
      return block;
    };
    for (let ahead = readNext(); ahead !== undefined; ) {
      const { data, isEnd } = await ahead;
      offset += data.byteLength;
      ahead = isEnd ? undefined : readNext();
      if (data.byteLength > 0) yield data;
    }
  } finally {
    await handle.close().catch(ignoreLostLine);
  }
}

/** The executor closes the files of a connection that ended. */
const ignoreLostLine = (error: unknown): void => {
  if (!isLinkError(error)) throw error;
};
