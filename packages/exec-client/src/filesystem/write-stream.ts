import { type FileCall, toFileError } from "../errors/file-call.ts";
import { InvalidArgumentError } from "../errors.ts";
import { streamFinalizer } from "../stream-finalizer.ts";
import { TextPieces } from "../text-pieces.ts";
import type { StagedFile } from "./staged-file.ts";
import { BlockGatherer } from "./write-blocks.ts";

interface Writing {
  readonly file: StagedFile;
  readonly blocks: BlockGatherer;
  readonly texts: TextPieces;
}

/**
 * A stream into a new file. Nothing is asked of the executor before the first write or the close. An error, an abort and
 * the signal leave nothing behind.
 */
export function fileWriteStream(
  stage: () => Promise<StagedFile>,
  options: { readonly signal?: AbortSignal | undefined; readonly onModeRefused?: (() => void) | undefined },
  call: FileCall,
): WritableStream<Uint8Array | string> {
  const listening = new AbortController();
  const begun: { writing?: Writing } = {};
  const begin = async (): Promise<Writing> => {
    const file = await stage();
    return { file, blocks: new BlockGatherer(file.blocks), texts: new TextPieces("chunk") };
  };
  const settled = (): void => {
    listening.abort();
    streamFinalizer.unregister(begun);
  };
  const discard = async (): Promise<void> => {
    settled();
    await begun.writing?.file.discard();
  };
  const orDiscard = async (step: (writing: Writing) => Promise<void>): Promise<void> => {
    try {
      options.signal?.throwIfAborted();
      begun.writing ??= await begin();
      // A signal that came meanwhile found nothing to take away.
      options.signal?.throwIfAborted();
      await step(begun.writing);
    } catch (error) {
      await discard();
      // What is refused after the signal has taken the file away is refused because of it.
      throw toFileError(options.signal?.aborted ? options.signal.reason : error, call);
    }
  };
  const stream = new WritableStream<Uint8Array | string>(
    {
      start(controller) {
        const { signal } = options;
        // Nothing that lives on may hold the stream, or it would never be garbage-collected.
        const weakly = new WeakRef(controller);
        const onAbort = (): void => {
          weakly.deref()?.error(toFileError(signal?.reason, call));
          void discard();
        };
        if (signal?.aborted) onAbort();
        else signal?.addEventListener("abort", onAbort, { once: true, signal: listening.signal });
      },
      write: (chunk) => orDiscard(({ blocks, texts }) => blocks.add(bytesOf(chunk, texts))),
      close: () =>
        orDiscard(async ({ file, blocks, texts }) => {
          texts.end();
          await blocks.flush();
          if (!(await file.commit())) options.onModeRefused?.();
          settled();
        }),
      abort: discard,
    },
    { highWaterMark: 1 },
  );
  streamFinalizer.register(stream, () => void discard(), begun);
  return stream;
}

function bytesOf(chunk: unknown, texts: TextPieces): Uint8Array {
  if (typeof chunk === "string") return texts.encode(chunk);
  texts.end();
  if (chunk instanceof Uint8Array) return chunk;
  throw new InvalidArgumentError("chunk", "a file takes chunks that are Uint8Array or string");
}
