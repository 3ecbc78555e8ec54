/** Which stream a chunk came from. A terminal merges both into `pty`. */
export type OutputStream = "stdout" | "stderr" | "pty";

/** One numbered piece of output. */
export interface OutputChunk {
  readonly seq: number;
  readonly stream: OutputStream;
  readonly data: Buffer;
}

/** Bounds of one process's retained window. */
export interface RetentionLimits {
  /** Bytes of output kept; the newest whole chunks. */
  readonly maxRetainedBytes: number;
  /** Number of chunks kept. */
  readonly maxRetainedChunks: number;
}

/** Stands where an evicted chunk stood until the array is compacted, so that its bytes are free at once. */
const RELEASED: OutputChunk = { seq: 0, stream: "stdout", data: Buffer.alloc(0) };

/** Chunks after a cursor, and the cursor to continue from (`nextSeq - 1`). */
export interface LogSlice {
  readonly chunks: readonly OutputChunk[];
  readonly nextSeq: number;
}

/**
 * The one counter of a process and its bounded window of recent output.
 *
 * Output, exit and close all draw numbers here, from 1, without gaps. When a bound is passed the oldest whole
 * chunks go; a reader sees a jump between its cursor and the first chunk.
 */
export class OutputLog {
  readonly #limits: RetentionLimits;
  #chunks: OutputChunk[] = [];
  /** Index of the oldest retained chunk: shifting one off a long array per append would be quadratic. */
  #head = 0;
  #retainedBytes = 0;
  #nextSeq = 1;

  constructor(limits: RetentionLimits) {
    this.#limits = limits;
  }

  /** The number the next event will get. */
  get nextSeq(): number {
    return this.#nextSeq;
  }

  get retainedBytes(): number {
    return this.#retainedBytes;
  }

  /** Number an event that carries no bytes: exit or close. */
  takeSeq(): number {
    return this.#nextSeq++;
  }

  append(stream: OutputStream, data: Buffer): OutputChunk {
    const chunk = { seq: this.#nextSeq++, stream, data };
    this.#chunks.push(chunk);
    this.#retainedBytes += data.length;
    this.#evict();
    return chunk;
  }

  /** True when a chunk after `afterSeq` is retained. */
  hasAfter(afterSeq: number): boolean {
    const last = this.#chunks.at(-1);
    return last !== undefined && this.#chunks.length > this.#head && last.seq > afterSeq;
  }

  /**
   * Retained chunks after `afterSeq`, whole and ascending.
   *
   * With `maxBytes` the first chunk always comes, however large; further ones only while the total stays within it.
   */
  read(afterSeq: number, maxBytes: number | undefined): LogSlice {
    const start = this.#firstAfter(afterSeq);
    if (maxBytes === undefined) return { chunks: this.#chunks.slice(start), nextSeq: this.#nextSeq };
    const chunks: OutputChunk[] = [];
    let total = 0;
    for (let index = start; index < this.#chunks.length; index++) {
      const chunk = this.#chunks[index];
      if (chunk === undefined) break;
      total += chunk.data.length;
      if (chunks.length > 0 && total > maxBytes) break;
      chunks.push(chunk);
      if (total >= maxBytes) break;
    }
    const last = chunks.at(-1);
    return { chunks, nextSeq: last === undefined ? this.#nextSeq : last.seq + 1 };
  }

  /** All retained chunks, oldest first. */
  retained(): readonly OutputChunk[] {
    return this.#chunks.slice(this.#head);
  }

  #evict(): void {
    const { maxRetainedBytes, maxRetainedChunks } = this.#limits;
    while (this.#retainedBytes > maxRetainedBytes || this.#chunks.length - this.#head > maxRetainedChunks) {
      const oldest = this.#chunks[this.#head];
      if (oldest === undefined) break;
      this.#retainedBytes -= oldest.data.length;
      this.#chunks[this.#head] = RELEASED;
      this.#head++;
    }
    if (this.#head > 256 && this.#head * 2 > this.#chunks.length) {
      this.#chunks = this.#chunks.slice(this.#head);
      this.#head = 0;
    }
  }

  /** Index of the first retained chunk with a number above `afterSeq`; binary search, numbers ascend. */
  #firstAfter(afterSeq: number): number {
    let low = this.#head;
    let high = this.#chunks.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      const chunk = this.#chunks[middle];
      if (chunk !== undefined && chunk.seq <= afterSeq) low = middle + 1;
      else high = middle;
    }
    return low;
  }
}
