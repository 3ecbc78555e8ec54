import type { LogSlice, OutputChunk } from "./output-chunk.ts";

/** What a chunk takes besides its bytes when it is sent. */
const CHUNK_OVERHEAD_BYTES = 64;

/**
 * Collects the chunks of one read.
 *
 * The first chunk always comes, however large; further ones only while the total stays within `maxBytes` of output and
 * within `maxSentBytes` of what is sent. Nothing is added once one bound is reached.
 */
export class SliceBudget {
  readonly #chunks: OutputChunk[] = [];
  readonly #maxBytes: number | undefined;
  readonly #maxSentBytes: number;
  #bytes = 0;
  #sentBytes = 0;
  #end: "open" | "reached" | "cut" = "open";

  constructor(maxBytes: number | undefined, maxSentBytes = Number.POSITIVE_INFINITY) {
    this.#maxBytes = maxBytes;
    this.#maxSentBytes = maxSentBytes;
  }

  /** @returns false when nothing more fits. */
  take(chunk: OutputChunk): boolean {
    const { length } = chunk.data;
    const maxBytes = this.#maxBytes ?? Number.POSITIVE_INFINITY;
    if (this.#end === "open" && this.#chunks.length > 0) {
      if (this.#bytes + length > maxBytes) this.#end = "reached";
      else if (this.#sentBytes + sentBytes(length) > this.#maxSentBytes) this.#end = "cut";
    }
    if (this.#end !== "open") return false;
    this.#chunks.push(chunk);
    this.#bytes += length;
    this.#sentBytes += sentBytes(length);
    if (this.#bytes >= maxBytes) this.#end = "reached";
    return this.#end === "open";
  }

  /** @param logNextSeq - The number that the next event of the process gets. */
  slice(logNextSeq: number): LogSlice {
    const last = this.#chunks.at(-1);
    const isCut = this.#maxBytes === undefined && this.#end === "cut";
    const isWhole = last === undefined || (this.#maxBytes === undefined && !isCut);
    const nextSeq = isWhole ? logNextSeq : last.seq + 1;
    return { chunks: this.#chunks, nextSeq, ...(isCut && { isCut }) };
  }
}

/** In base64. */
function sentBytes(length: number): number {
  return Math.ceil(length / 3) * 4 + CHUNK_OVERHEAD_BYTES;
}
