import { InvalidMessageError } from "@holdfast/exec-server-protocol";
import { FILE_BLOCK_MAX_BYTES, FILE_BLOCKS_IN_FLIGHT } from "../limits.ts";
import type { RemoteFileHandle } from "./file-handle.ts";
import type { FileBlock } from "./types.ts";

/** Which bytes to read, and what is known about the file. */
export interface ReadAheadOptions {
  /** First byte. */
  readonly offset: number;
  /** Byte after the last one; infinity for the end of the file. */
  readonly end: number;
  /** Size of the file, where it is known. It may have changed since. */
  readonly size: number | undefined;
  readonly signal: AbortSignal;
}

interface AskedBlock {
  readonly length: number;
  readonly answer: Promise<FileBlock>;
}

/**
 * The blocks of an open file in order, several of them on their way at once: as many as are known to be there, or else
 * twice as many after every answer, so that a small file costs one request.
 *
 * @throws InvalidMessageError - The executor answers with more than was asked for, or with nothing before the end.
 */
export async function* readAhead(
  handle: RemoteFileHandle,
  { offset, end, size, signal }: ReadAheadOptions,
): AsyncGenerator<Uint8Array<ArrayBuffer>, void, void> {
  let position = offset;
  let nextOffset = offset;
  let window = openingWindow(size, offset);
  let asked: AskedBlock[] = [];
  const ask = (): void => {
    while (asked.length < window && nextOffset < end) {
      const length = Math.min(FILE_BLOCK_MAX_BYTES, end - nextOffset);
      const answer = handle.read(nextOffset, length, { signal });
      answer.catch(() => {}); // not awaited when the stream ends first
      asked.push({ length, answer });
      nextOffset += length;
    }
  };
  for (ask(); asked.length > 0; ) {
    const [first, ...later] = asked as [AskedBlock, ...AskedBlock[]];
    const { data, isEnd } = await first.answer;
    checkBlock(data.byteLength, isEnd, first.length);
    if (isEnd) {
      if (data.byteLength > 0) yield data;
      return;
    }
    position += data.byteLength;
    asked = later;
    if (data.byteLength < first.length) {
      // What was asked for behind it starts at the wrong place.
      asked = [];
      nextOffset = position;
    }
    window = Math.min(window * 2, FILE_BLOCKS_IN_FLIGHT);
    ask();
    yield data;
  }
}

function openingWindow(size: number | undefined, offset: number): number {
  if (size === undefined) return 1;
  return Math.min(Math.max(1, Math.ceil((size - offset) / FILE_BLOCK_MAX_BYTES)), FILE_BLOCKS_IN_FLIGHT);
}

function checkBlock(bytes: number, isEnd: boolean, asked: number): void {
  if (bytes <= asked && (bytes > 0 || isEnd)) return;
  const message = bytes === 0 ? "an empty block that is not the end" : `${bytes} bytes where ${asked} were asked for`;
  throw new InvalidMessageError("fs/readBlock", "result", { message, path: ["chunk"] });
}
