import { RETAINED_OUTPUT_MAX_BYTES } from "./limits.ts";

/** What is left of a stream of bytes. Without `omittedBytes`, `head` is all of it. */
export interface RetainedBytes {
  readonly head: Uint8Array;
  readonly tail: Uint8Array;
  /** What was between the two. */
  readonly omittedBytes: number;
  /** All that came, the omitted included. */
  readonly totalBytes: number;
}

const FIRST_CAPACITY = 4_096;

/** Beginning and end of a stream of bytes, half of the bound each. What is between them is dropped and counted. */
export class HeadTailBuffer {
  readonly #maxBytes: number;
  readonly #headBytes: number;
  /** The head, and behind it the tail: as it came up to the bound, as a ring from then on. */
  #storage: Uint8Array = new Uint8Array(0);
  #total = 0;

  constructor(maxBytes: number = RETAINED_OUTPUT_MAX_BYTES) {
    this.#maxBytes = maxBytes;
    this.#headBytes = Math.floor(maxBytes / 2);
  }

  /** Bytes that have come since the last `take`. */
  get totalBytes(): number {
    return this.#total;
  }

  push(bytes: Uint8Array): void {
    const fits = Math.min(bytes.length, Math.max(0, this.#maxBytes - this.#total));
    if (fits > 0) {
      this.#grow(this.#total + fits);
      this.#storage.set(bytes.subarray(0, fits), this.#total);
      this.#total += fits;
    }
    if (fits < bytes.length) this.#pushTail(bytes.subarray(fits));
  }

  /** What is left of all that came; it stays here. */
  peek(): RetainedBytes {
    const total = this.#total;
    if (total <= this.#maxBytes) {
      return { head: this.#storage.slice(0, total), tail: new Uint8Array(0), omittedBytes: 0, totalBytes: total };
    }
    const oldest = this.#tailPlace(total);
    const tail = new Uint8Array(this.#maxBytes - this.#headBytes);
    tail.set(this.#storage.subarray(oldest));
    tail.set(this.#storage.subarray(this.#headBytes, oldest), this.#maxBytes - oldest);
    const head = this.#storage.slice(0, this.#headBytes);
    return { head, tail, omittedBytes: total - this.#maxBytes, totalBytes: total };
  }

  /** What is left of what came since the last time. */
  take(): RetainedBytes {
    const taken = this.peek();
    this.#storage = new Uint8Array(0);
    this.#total = 0;
    return taken;
  }

  /** The ring is full: only its last round is seen. */
  #pushTail(bytes: Uint8Array): void {
    const tailBytes = this.#maxBytes - this.#headBytes;
    const skipped = Math.max(0, bytes.length - tailBytes);
    this.#total += skipped;
    for (let rest = bytes.subarray(skipped); rest.length > 0; ) {
      const place = this.#tailPlace(this.#total);
      const piece = rest.subarray(0, this.#maxBytes - place);
      this.#storage.set(piece, place);
      this.#total += piece.length;
      rest = rest.subarray(piece.length);
    }
  }

  #tailPlace(total: number): number {
    return this.#headBytes + ((total - this.#headBytes) % (this.#maxBytes - this.#headBytes));
  }

  #grow(needed: number): void {
    if (needed <= this.#storage.length) return;
    const capacity = Math.min(this.#maxBytes, Math.max(FIRST_CAPACITY, needed, 2 * this.#storage.length));
    const storage = new Uint8Array(capacity);
    storage.set(this.#storage.subarray(0, this.#total));
    this.#storage = storage;
  }
}
