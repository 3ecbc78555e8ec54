/** Capacities: what a pipe gives at once, the frame around it, a block of a file, the frame around it. */
const CAPACITIES = [64 * 1024, 128 * 1024, 1024 * 1024, 1536 * 1024] as const;

/** Smaller ones are cheap enough to make, and are never lent. */
export const MIN_LENT_BYTES = 32 * 1024;

/** Bytes kept for the next, all in all. */
const MAX_KEPT_BYTES = 16 * 1024 * 1024;

/**
 * Lends buffers for bulk data.
 *
 * Memory outside the heap is what the garbage collector counts most: a flood that takes new memory for every piece keeps it
 * marking all the time, on the cores that all other work needs.
 */
export class BufferPool {
  readonly #kept = new Map<number, Buffer[]>(CAPACITIES.map((capacity) => [capacity, []]));
  readonly #lent = new WeakSet<ArrayBufferLike>();
  #keptBytes = 0;

  /** Bytes kept for the next. */
  get keptBytes(): number {
    return this.#keptBytes;
  }

  /** A buffer of this length, with any content. It may be given back. */
  take(bytes: number): Buffer {
    const capacity = bytes < MIN_LENT_BYTES ? undefined : CAPACITIES.find((candidate) => bytes <= candidate);
    if (capacity === undefined) return Buffer.allocUnsafe(bytes);
    const kept = this.#kept.get(capacity)?.pop();
    if (kept !== undefined) this.#keptBytes -= capacity;
    const whole = kept ?? Buffer.allocUnsafeSlow(capacity);
    this.#lent.add(whole.buffer);
    return whole.subarray(0, bytes);
  }

  /** Give back what {@link take} lent; it must not be used any more. Buffers of another origin are ignored. */
  give({ buffer }: Uint8Array): void {
    if (!this.#lent.delete(buffer)) return;
    const capacity = buffer.byteLength;
    if (this.#keptBytes + capacity > MAX_KEPT_BYTES) return;
    this.#keptBytes += capacity;
    this.#kept.get(capacity)?.push(Buffer.from(buffer));
  }
}

/** The one of this process. */
export const bufferPool = new BufferPool();
