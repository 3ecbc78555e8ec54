import { close, read, write } from "node:fs";
import { promisify } from "node:util";
import type { OutputChunk } from "../process/output-chunk.ts";
import type { HandedSpool, OutputSpool, SpoolPiece } from "../process/output-spool.ts";
import { decodeRecords, encodeRecords } from "./records.ts";

const readAt = promisify(read);
const writeAt = promisify(write);

export interface RingFileOptions {
  /** Bytes of the file at most, headers of the chunks included. */
  readonly maxBytes: number;
  /** Open a file that is empty, readable, writable and this one's alone. @throws the operating system's error. */
  readonly open: () => number;
  /** Called at most once: nothing more is kept, and what was kept is gone. */
  readonly onFailure: (error: unknown) => void;
}

/** What comes to hold the file open, or why there is none any more. */
type State =
  | { readonly kind: "unopened" }
  | { readonly kind: "open"; readonly descriptor: number }
  | { readonly kind: "off" };

/**
 * Output of one process in a file that goes round: when it is full the newest takes the place of the oldest.
 *
 * One descriptor, opened when there is something to keep. Memory holds one small entry per write.
 */
export class RingFile implements OutputSpool {
  readonly #options: RingFileOptions;
  #state: State = { kind: "unopened" };
  #pieces: SpoolPiece[] = [];
  #end = 0;
  /** Calls of the system that use the descriptor: it may be closed after the last. */
  #users = 0;

  /** @param handed - What another program has kept. */
  constructor(options: RingFileOptions, handed: ReturnType<OutputSpool["handOver"]> = "unused") {
    this.#options = options;
    if (handed === "off") this.#state = { kind: "off" };
    else if (handed !== "unused") {
      this.#state = { kind: "open", descriptor: handed.fd };
      this.#pieces = [...handed.pieces];
      this.#end = handed.end;
    }
  }

  get isOn(): boolean {
    return this.#state.kind !== "off";
  }

  get lastSeq(): number {
    return this.#pieces.at(-1)?.lastSeq ?? 0;
  }

  async write(chunks: readonly OutputChunk[]): Promise<void> {
    const [first, last] = [chunks[0], chunks.at(-1)];
    if (first === undefined || last === undefined) return;
    try {
      const descriptor = this.#open();
      if (descriptor === undefined) return;
      const records = encodeRecords(chunks);
      if (records.length > this.#options.maxBytes) throw new Error("the limit is too small for any output");
      const position = this.#makeRoom(records.length);
      await this.#using(() => writeAll(descriptor, records, position));
      if (this.#state.kind !== "open") return;
      this.#pieces.push({ firstSeq: first.seq, lastSeq: last.seq, position, bytes: records.length });
    } catch (error) {
      if (this.#state.kind === "off") return;
      this.dispose();
      this.#options.onFailure(error);
    }
  }

  async read(afterSeq: number): Promise<readonly OutputChunk[]> {
    for (let cursor = afterSeq; this.#state.kind === "open"; ) {
      const { descriptor } = this.#state;
      const piece = this.#pieces[this.#firstEndingAfter(cursor)];
      if (piece === undefined) return [];
      const bytes = Buffer.allocUnsafe(piece.bytes);
      const isWhole = await this.#using(() => readAll(descriptor, bytes, piece.position)).catch(() => false);
      // While it was read, newer output may have taken its place.
      const isThere = this.#pieces[0] !== undefined && this.#pieces[0].firstSeq <= piece.firstSeq;
      if (isWhole && isThere) return decodeRecords(bytes, afterSeq);
      cursor = piece.lastSeq;
    }
    return [];
  }

  dispose(): void {
    const state = this.#state;
    this.#state = { kind: "off" };
    this.#pieces = [];
    if (state.kind === "open" && this.#users === 0) closeQuietly(state.descriptor);
  }

  handOver(): HandedSpool | "unused" | "off" {
    const state = this.#state;
    if (state.kind === "off") return "off";
    return state.kind === "unopened" ? "unused" : { fd: state.descriptor, pieces: this.#pieces, end: this.#end };
  }

  #open(): number | undefined {
    if (this.#state.kind === "unopened") this.#state = { kind: "open", descriptor: this.#options.open() };
    return this.#state.kind === "open" ? this.#state.descriptor : undefined;
  }

  /** Where the next `bytes` go; what is in their way is forgotten. Writes come one at a time. */
  #makeRoom(bytes: number): number {
    const start = this.#end + bytes <= this.#options.maxBytes ? this.#end : 0;
    const end = start + bytes;
    // What lies behind the last write is older than what lies before it.
    const isInTheWay = ({ position }: SpoolPiece) =>
      start < this.#end ? position >= this.#end || position < end : position >= start && position < end;
    const firstKept = this.#pieces.findIndex((piece) => !isInTheWay(piece));
    this.#pieces.splice(0, firstKept === -1 ? this.#pieces.length : firstKept);
    this.#end = end;
    return start;
  }

  /** Index of the first piece with a number above `seq`; binary search, numbers ascend. */
  #firstEndingAfter(seq: number): number {
    let low = 0;
    let high = this.#pieces.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      const piece = this.#pieces[middle];
      if (piece !== undefined && piece.lastSeq <= seq) low = middle + 1;
      else high = middle;
    }
    return low;
  }

  async #using<T>(operation: () => Promise<T>): Promise<T> {
    const { descriptor } = this.#state as Extract<State, { kind: "open" }>;
    this.#users += 1;
    try {
      return await operation();
    } finally {
      this.#users -= 1;
      if (this.#users === 0 && this.#state.kind === "off") closeQuietly(descriptor);
    }
  }
}

async function writeAll(descriptor: number, bytes: Buffer, position: number): Promise<void> {
  for (let done = 0; done < bytes.length; ) {
    const { bytesWritten } = await writeAt(descriptor, bytes, done, bytes.length - done, position + done);
    done += bytesWritten;
  }
}

/** @returns false when the file ends before that. */
async function readAll(descriptor: number, bytes: Buffer, position: number): Promise<boolean> {
  for (let done = 0; done < bytes.length; ) {
    const { bytesRead } = await readAt(descriptor, bytes, done, bytes.length - done, position + done);
    if (bytesRead === 0) return false;
    done += bytesRead;
  }
  return true;
}

function closeQuietly(descriptor: number): void {
  close(descriptor, () => {});
}
