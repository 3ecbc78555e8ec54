import { ARCHIVE_BLOCK_BYTES, ARCHIVE_WINDOW_BYTES } from "@holdfast/exec-server-protocol/trees";

/** As many as a client may have on their way. */
const BLOCKS_MAX = ARCHIVE_WINDOW_BYTES / ARCHIVE_BLOCK_BYTES;

/** A block of memory that two threads have. */
export interface SharedBlock {
  readonly index: number;
  readonly memory: SharedArrayBuffer;
}

/** How a block is named to the other thread: with its memory the first time. */
export interface NamedBlock {
  readonly index: number;
  readonly memory?: SharedArrayBuffer;
}

/**
 * The blocks of one job. Memory that is handed from thread to thread counts as new each time, and keeps the garbage collector
 * of both busy; this is handed over once.
 */
export class SharedBlocks {
  readonly #free: SharedBlock[] = [];
  readonly #told = new Set<number>();
  #count = 0;

  /** Undefined while all are in use. */
  take(): SharedBlock | undefined {
    const free = this.#free.pop();
    if (free !== undefined || this.#count >= BLOCKS_MAX) return free;
    this.#count += 1;
    return { index: this.#count - 1, memory: new SharedArrayBuffer(ARCHIVE_BLOCK_BYTES) };
  }

  give(block: SharedBlock): void {
    this.#free.push(block);
  }

  /** For a message to the other thread. Every message must arrive, in its order. */
  named({ index, memory }: SharedBlock): NamedBlock {
    if (this.#told.has(index)) return { index };
    this.#told.add(index);
    return { index, memory };
  }
}

/** The blocks of one job, at the other thread. */
export class ToldBlocks {
  readonly #blocks = new Map<number, SharedArrayBuffer>();

  memoryOf({ index, memory }: NamedBlock): SharedArrayBuffer {
    if (memory !== undefined) this.#blocks.set(index, memory);
    const known = this.#blocks.get(index);
    if (known === undefined) throw new Error("the memory of a block was never told");
    return known;
  }
}
