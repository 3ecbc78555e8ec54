import { createReadStream } from "node:fs";
import { LINE_MAX_BYTES, READ_CHUNK_BYTES } from "./limits.ts";

/** A line of a file, without its end. */
export interface FileLine {
  readonly text: string;
  /** Of its first byte. */
  readonly offset: number;
  /** In bytes. */
  readonly length: number;
  /** It has an end: what has none was cut, or is being written. */
  readonly isWhole: boolean;
}

export interface ReadLinesOptions {
  /** Read no more than that, in bytes. Default: all. */
  readonly end?: number | undefined;
  readonly signal?: AbortSignal | undefined;
}

const LINE_FEED = 0x0a;

/**
 * Read a file line by line. Lines that are too long are passed over.
 *
 * @throws Error - The file can not be read.
 */
export async function* readLines(path: string, { end, signal }: ReadLinesOptions = {}): AsyncGenerator<FileLine> {
  if (end !== undefined && end <= 0) return;
  const stream = createReadStream(path, {
    highWaterMark: READ_CHUNK_BYTES,
    signal,
    ...(end === undefined ? {} : { end: end - 1 }),
  });
  let parts: Buffer[] = [];
  let held = 0;
  let offset = 0;
  const take = (last: Buffer, isWhole: boolean): FileLine | undefined => {
    const length = held + last.length;
    const line =
      length > LINE_MAX_BYTES || length === 0
        ? undefined
        : { text: Buffer.concat([...parts, last]).toString("utf8"), offset, length, isWhole };
    parts = [];
    held = 0;
    offset += length + 1;
    return line;
  };
  for await (const chunk of stream as AsyncIterable<Buffer>) {
    let from = 0;
    for (let at = chunk.indexOf(LINE_FEED); at !== -1; at = chunk.indexOf(LINE_FEED, from)) {
      const line = take(chunk.subarray(from, at), true);
      from = at + 1;
      if (line !== undefined) yield line;
    }
    if (from === chunk.length) continue;
    held += chunk.length - from;
    if (held <= LINE_MAX_BYTES) parts.push(chunk.subarray(from));
    else parts = [];
  }
  const last = held === 0 ? undefined : take(Buffer.alloc(0), false);
  if (last !== undefined) yield last;
}
