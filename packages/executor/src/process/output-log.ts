import { bufferPool } from "../platform/buffer-pool.ts";
import type { HandedBytes, IncomingBytes, OutgoingBytes } from "../platform/handed-bytes.ts";
import { chunkHeads, chunksOf } from "./handed-chunks.ts";
import type { LogSlice, OutputChunk, OutputStream } from "./output-chunk.ts";
import type { OutputSpool } from "./output-spool.ts";
import { SliceBudget } from "./slice-budget.ts";

/** Bounds of one process's retained window. */
export interface RetentionLimits {
  /** Bytes of output kept; the newest whole chunks. */
  readonly maxRetainedBytes: number;
  /** Number of chunks kept. */
  readonly maxRetainedChunks: number;
}

/** Stands where an evicted chunk stood until the array is compacted, so that its bytes are free at once. */
const RELEASED: OutputChunk = { seq: 0, stream: "stdout", data: Buffer.alloc(0) };

/** An answer must fit in one message that every client takes. What is in memory always does. */
const MAX_SPOOLED_SLICE_BYTES = 8 * 1024 * 1024;

/** A log that another program goes on with. */
export interface HandedLog {
  readonly nextSeq: number;
  /** Numbers, streams and lengths of the chunks, and then their bytes. */
  readonly chunks: readonly [heads: HandedBytes, data: HandedBytes];
  readonly spool?: ReturnType<OutputSpool["handOver"]> | undefined;
}

/** Where a log keeps what falls out of its window. */
export interface LogSpool {
  readonly spool: OutputSpool;
  /** Output has to wait: more is in memory than may be. */
  readonly onFull: () => void;
  /** Output may go on. */
  readonly onRoom: () => void;
}

/**
 * The one counter of a process and its bounded window of recent output.
 *
 * Output, exit and close all draw numbers here, from 1, without gaps. When a bound is passed the oldest whole
 * chunks go; a reader sees a jump between its cursor and the first chunk. With a spool they go there: when three quarters
 * of a bound are used the oldest are written, down to one half, and stay in memory until they can be read from there.
 */
export class OutputLog {
  readonly #limits: RetentionLimits;
  readonly #spool: LogSpool | undefined;
  #chunks: OutputChunk[] = [];
  /** Index of the oldest retained chunk: shifting one off a long array per append would be quadratic. */
  #head = 0;
  #retainedBytes = 0;
  #nextSeq = 1;
  /** Dropped, but a receiver of the newest chunk, or a read at this moment, may still look at them. */
  readonly #spent: Buffer[] = [];
  #spooling: "idle" | "writing" | "full" = "idle";

  constructor(limits: RetentionLimits, spool?: LogSpool) {
    this.#limits = limits;
    this.#spool = spool;
  }

  /** For the next program. */
  handOver(bytes: OutgoingBytes): HandedLog {
    const retained = this.retained();
    const chunks = [bytes.put(chunkHeads(retained)), bytes.put(...retained.map(({ data }) => data))] as const;
    return { nextSeq: this.#nextSeq, chunks, spool: this.#spool?.spool.handOver() };
  }

  /** Go on with what another program kept. To be called first. */
  adopt({ nextSeq, chunks: [heads, data] }: Pick<HandedLog, "nextSeq" | "chunks">, bytes: IncomingBytes): void {
    this.#nextSeq = nextSeq;
    this.#chunks = [...chunksOf(bytes.get(heads), bytes.get(data))];
    this.#retainedBytes = data[1];
  }

  /** The number the next event will get. */
  get nextSeq(): number {
    return this.#nextSeq;
  }

  /** Bytes in memory. */
  get retainedBytes(): number {
    return this.#retainedBytes;
  }

  /** Number an event that carries no bytes: exit or close. */
  takeSeq(): number {
    return this.#nextSeq++;
  }

  append(stream: OutputStream, data: Buffer): OutputChunk {
    for (const spent of this.#spent) bufferPool.give(spent);
    this.#spent.length = 0;
    const chunk = { seq: this.#nextSeq++, stream, data };
    this.#chunks.push(chunk);
    this.#retainedBytes += data.length;
    if (this.#spool?.spool.isOn) this.#spoolOldest(this.#spool);
    else this.#evict();
    return chunk;
  }

  /** True when a chunk after `afterSeq` is retained. */
  hasAfter(afterSeq: number): boolean {
    const last = this.#chunks.at(-1);
    if (last !== undefined && this.#chunks.length > this.#head) return last.seq > afterSeq;
    return this.isSpooledAfter(afterSeq);
  }

  /** True when a chunk after `afterSeq` is in the spool only. */
  isSpooledAfter(afterSeq: number): boolean {
    return this.#spool !== undefined && this.#spool.spool.lastSeq > afterSeq;
  }

  /** Retained chunks in memory after `afterSeq`, whole and ascending, within the rules of {@link SliceBudget}. */
  read(afterSeq: number, maxBytes: number | undefined): LogSlice {
    const start = this.#firstAfter(afterSeq);
    if (maxBytes === undefined) return { chunks: this.#chunks.slice(start), nextSeq: this.#nextSeq };
    const budget = new SliceBudget(maxBytes);
    this.#take(start, budget);
    return budget.slice(this.#nextSeq);
  }

  /**
   * The same with what was spooled, in some megabytes at most.
   *
   * @param seal - Makes the result of the slice in the same turn: nothing has happened to the process in between.
   */
  async readSpooled<T>(afterSeq: number, maxBytes: number | undefined, seal: (slice: LogSlice) => T): Promise<T> {
    const budget = new SliceBudget(maxBytes, MAX_SPOOLED_SLICE_BYTES);
    let cursor = afterSeq;
    while (this.isSpooledAfter(cursor)) {
      const chunks = (await this.#spool?.spool.read(cursor)) ?? [];
      for (const chunk of chunks) if (!budget.take(chunk)) return seal(budget.slice(this.#nextSeq));
      const last = chunks.at(-1);
      if (last === undefined) break;
      cursor = last.seq;
    }
    this.#take(this.#firstAfter(cursor), budget);
    return seal(budget.slice(this.#nextSeq));
  }

  /** All chunks retained in memory, oldest first. */
  retained(): readonly OutputChunk[] {
    return this.#chunks.slice(this.#head);
  }

  /** Keep nothing outside memory any more. */
  dispose(): void {
    this.#spool?.spool.dispose();
  }

  #take(start: number, budget: SliceBudget): void {
    for (let index = start; index < this.#chunks.length; index++) {
      const chunk = this.#chunks[index];
      if (chunk === undefined || !budget.take(chunk)) return;
    }
  }

  #spoolOldest(to: LogSpool): void {
    if (this.#spooling === "idle" && this.#isAbove(3 / 4)) {
      this.#spooling = "writing";
      const oldest = this.#oldestAboveHalf();
      // The spool answers in a later turn, and never rejects.
      void to.spool.write(oldest).then(() => this.#spooled(to, oldest.length));
    }
    if (this.#spooling === "writing" && this.#isAbove(1)) {
      this.#spooling = "full";
      to.onFull();
    }
  }

  #spooled(to: LogSpool, count: number): void {
    const wasFull = this.#isFull;
    this.#spooling = "idle";
    if (to.spool.isOn) {
      for (let left = count; left > 0; left--) this.#release();
      this.#spoolOldest(to);
    } else this.#evict();
    if (wasFull && !this.#isFull) to.onRoom();
  }

  #oldestAboveHalf(): readonly OutputChunk[] {
    const { maxRetainedBytes, maxRetainedChunks } = this.#limits;
    let bytes = this.#retainedBytes;
    let index = this.#head;
    while (bytes > maxRetainedBytes / 2 || this.#chunks.length - index > maxRetainedChunks / 2) {
      const chunk = this.#chunks[index];
      if (chunk === undefined) break;
      bytes -= chunk.data.length;
      index++;
    }
    return this.#chunks.slice(this.#head, index);
  }

  get #isFull(): boolean {
    return this.#spooling === "full";
  }

  #isAbove(share: number): boolean {
    const { maxRetainedBytes, maxRetainedChunks } = this.#limits;
    return (
      this.#retainedBytes > maxRetainedBytes * share || this.#chunks.length - this.#head > maxRetainedChunks * share
    );
  }

  #evict(): void {
    while (this.#isAbove(1)) if (!this.#release()) break;
  }

  /** Let go of the oldest chunk. @returns false when there is none. */
  #release(): boolean {
    const oldest = this.#chunks[this.#head];
    if (oldest === undefined) return false;
    this.#retainedBytes -= oldest.data.length;
    this.#spent.push(oldest.data);
    this.#chunks[this.#head] = RELEASED;
    this.#head++;
    if (this.#head > 256 && this.#head * 2 > this.#chunks.length) {
      this.#chunks = this.#chunks.slice(this.#head);
      this.#head = 0;
    }
    return true;
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
