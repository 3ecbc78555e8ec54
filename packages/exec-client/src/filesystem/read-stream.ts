import { type FileCall, toFileError } from "../errors/file-call.ts";
import { streamFinalizer } from "../stream-finalizer.ts";
import { type FileSource, fileBlocks } from "./file-blocks.ts";

/** Which part of a file to stream, and until when. */
export interface ReadStreamRange {
  /** First byte. Default 0. */
  readonly offset?: number | undefined;
  /** Bytes at most. Default: to the end. */
  readonly length?: number | undefined;
  /** Errors the stream with `AbortError` or `TimeoutError`, whose `cause` is the reason, and closes the file. */
  readonly signal?: AbortSignal | undefined;
}

/**
 * A file as a stream of blocks of up to 1 MiB. It is opened by the first read; while one block is being used, up to eight
 * more are on their way. The file is closed however the stream ends.
 */
export function fileReadStream(
  source: FileSource,
  range: ReadStreamRange,
  call: FileCall,
): ReadableStream<Uint8Array<ArrayBuffer>> {
  const stop = new AbortController();
  const offset = range.offset ?? 0;
  const rangeEnd = range.length === undefined ? Number.POSITIVE_INFINITY : offset + range.length;
  const blocks = fileBlocks(source, { offset, end: rangeEnd }, stop.signal);
  const listening = new AbortController();
  const end = (): Promise<unknown> => {
    listening.abort();
    stop.abort();
    return blocks.return();
  };
  const stream = new ReadableStream<Uint8Array<ArrayBuffer>>(
    {
      start(controller) {
        const { signal } = range;
        // Nothing that lives on may hold the stream, or it would never be garbage-collected.
        const weakly = new WeakRef(controller);
        const onAbort = (): void => {
          weakly.deref()?.error(toFileError(signal?.reason, call));
          end().catch(() => {});
        };
        if (signal?.aborted) onAbort();
        else signal?.addEventListener("abort", onAbort, { once: true, signal: listening.signal });
      },
      async pull(controller) {
        const { done, value } = await blocks.next().catch((error: unknown) => {
          throw toFileError(error, call);
        });
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
  streamFinalizer.register(stream, () => void end().catch(() => {}));
  return stream;
}
