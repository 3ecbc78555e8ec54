import { InvalidArgumentError } from "../errors.ts";
import type { StagedFile } from "./staged-file.ts";
import { BlockGatherer } from "./write-blocks.ts";

interface Writing {
  readonly file: StagedFile;
  readonly blocks: BlockGatherer;
}

/**
 * A stream into a new file. Nothing is asked of the executor before the first write or the close. An error, an abort and
 * the signal leave nothing behind.
 */
export const fileWriteStream = (
  stage: () => Promise<StagedFile>,
  options: { readonly signal?: AbortSignal | undefined; readonly onModeRefused?: (() => void) | undefined },
): WritableStream<Uint8Array | string> => {
  const listening = new AbortController();
  let writing: Writing | undefined;
  const begun = async (): Promise<Writing> => {
    const file = await stage();
    return { file, blocks: new BlockGatherer(file.parts) };
  };
  const orDiscard = async (step: (writing: Writing) => Promise<void>): Promise<void> => {
    try {
      options.signal?.throwIfAborted();
      writing ??= await begun();
      await step(writing);
    } catch (error) {
      listening.abort();
      await writing?.file.discard();
      throw error;
    }
  };
  return new WritableStream<Uint8Array | string>(
    {
      start(controller) {
        const { signal } = options;
        const onAbort = (): void => {
          controller.error(signal?.reason);
          void writing?.file.discard();
        };
        if (signal?.aborted) onAbort();
        else signal?.addEventListener("abort", onAbort, { once: true, signal: listening.signal });
      },
      write: (chunk) => orDiscard(({ blocks }) => blocks.add(bytesOf(chunk))),
      close: () =>
        orDiscard(async ({ file, blocks }) => {
          await blocks.flush();
          if (!(await file.commit())) options.onModeRefused?.();
          listening.abort();
        }),
      async abort() {
        listening.abort();
        await writing?.file.discard();
      },
    },
    { highWaterMark: 1 },
  );
};

const bytesOf = (chunk: unknown): Uint8Array => {
  if (typeof chunk === "string") return new TextEncoder().encode(chunk);
  if (chunk instanceof Uint8Array) return chunk;
  throw new InvalidArgumentError("chunk", "a file takes chunks that are Uint8Array or string");
};
