/** A block of a file as base64, and the frame around it. */
const FRAME_BYTES = 1536 * 1024;
/** Smaller ones are cheap enough to make: this is less than a block of an input takes, as it is or as base64. */
const MIN_LENT_BYTES = 192 * 1024;
/** Frames kept for the next: 24 MiB. */
const KEPT_MAX = 16;

/**
 * Lends the memory of long frames, and of what goes into them. It lies outside the heap, which is what the garbage collector counts most: new memory for each
 * block of a file would keep it marking all the time.
 */
class FrameMemory {
  readonly #kept: Buffer[] = [];
  readonly #lent = new WeakSet<ArrayBufferLike>();

  /** Memory for a frame, with any content. */
  take(bytes: number): Buffer {
    if (bytes < MIN_LENT_BYTES || bytes > FRAME_BYTES) return Buffer.allocUnsafe(bytes);
    const whole = this.#kept.pop() ?? Buffer.allocUnsafeSlow(FRAME_BYTES);
    this.#lent.add(whole.buffer);
    return whole.subarray(0, bytes);
  }

  /** Take back what {@link take} lent, once it has been sent, or answered. What is not given back is collected as all memory is. */
  give({ buffer }: Uint8Array): void {
    if (this.#lent.delete(buffer) && this.#kept.length < KEPT_MAX) this.#kept.push(Buffer.from(buffer));
  }
}

/** The one of this process. */
export const frameMemory = new FrameMemory();
