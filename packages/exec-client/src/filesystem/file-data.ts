import { shownValue } from "@holdfast/rpc/client";
import { InvalidArgumentError } from "../errors.ts";
import { bytesOfText, TextPieces } from "../text-pieces.ts";
import type { FileData } from "./types.ts";

type Chunk = Uint8Array | string;

/**
 * The bytes where they are in memory already; undefined for a blob or a stream.
 *
 * @throws InvalidArgumentError - A text has half of a pair of surrogates.
 */
export function bytesInMemory(data: FileData): Uint8Array | undefined {
  if (typeof data === "string") return bytesOfText(data, "data");
  if (data instanceof Uint8Array) return data;
  return data instanceof ArrayBuffer ? new Uint8Array(data) : undefined;
}

/** @throws InvalidArgumentError - It is nothing that a file can be made of. */
export function checkFileData(data: unknown): void {
  const isKnown = typeof data === "string" || data instanceof Uint8Array || data instanceof ArrayBuffer;
  if (isKnown || data instanceof Blob) return;
  if (typeof data === "object" && data !== null && (Symbol.asyncIterator in data || "getReader" in data)) return;
  const rule = "a string, Uint8Array, ArrayBuffer, Blob, ReadableStream or AsyncIterable";
  throw new InvalidArgumentError("data", `data must be ${rule}, not ${shownValue(data)}`);
}

/** The data piece by piece. Whoever stops early, or aborts, ends the source. @throws InvalidArgumentError for a piece that is none. */
export async function* piecesOf(data: FileData, signal: AbortSignal | undefined): AsyncGenerator<Uint8Array> {
  const bytes = bytesInMemory(data);
  if (bytes !== undefined) {
    yield bytes;
    return;
  }
  const source = iteratorOf(data);
  const { promise: aborted, reject } = Promise.withResolvers<never>();
  aborted.catch(() => {});
  const onAbort = (): void => reject(signal?.reason);
  signal?.addEventListener("abort", onAbort, { once: true });
  const texts = new TextPieces("data");
  let isEnded = false;
  try {
    signal?.throwIfAborted();
    for (;;) {
      const next = await Promise.race([source.next(), aborted]);
      isEnded = next.done === true;
      if (next.done !== true && typeof next.value === "string") yield texts.encode(next.value);
      else texts.end();
      if (next.done === true) return;
      if (typeof next.value !== "string") yield bytesOf(next.value);
    }
  } finally {
    signal?.removeEventListener("abort", onAbort);
    // A source that does not end must not hold up who gave up on it.
    if (!isEnded) void source.return?.().catch(() => {});
  }
}

function iteratorOf(data: FileData): AsyncIterator<Chunk> {
  if (data instanceof Blob) return readerOf(data.stream());
  const source = data as AsyncIterable<Chunk> | ReadableStream<Chunk>;
  return Symbol.asyncIterator in source ? source[Symbol.asyncIterator]() : readerOf(source);
}

/** Not every platform can iterate over a stream. */
function readerOf(stream: ReadableStream<Chunk>): AsyncIterator<Chunk> {
  const reader = stream.getReader();
  return {
    next: async () => {
      const { done, value } = await reader.read();
      return done ? { done: true, value: undefined } : { done: false, value };
    },
    return: async () => {
      await reader.cancel();
      return { done: true, value: undefined };
    },
  };
}

function bytesOf(chunk: unknown): Uint8Array {
  if (chunk instanceof Uint8Array) return chunk;
  throw new InvalidArgumentError("data", "the chunks of a file must be Uint8Array or string");
}
