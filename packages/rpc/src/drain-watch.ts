import type { WaterMarks } from "./water-marks.ts";

/**
 * Tells when an outbound queue that was full has drained. Only writes that may fill it, or go out while it is full, need to be
 * followed to their end.
 */
export class DrainWatch {
  readonly #waterMarks: WaterMarks;
  readonly #queuedBytes: () => number;
  readonly #onDrained: () => void;
  #queue: "flowing" | "full" = "flowing";

  constructor(waterMarks: WaterMarks, queuedBytes: () => number, onDrained: () => void) {
    this.#waterMarks = waterMarks;
    this.#queuedBytes = queuedBytes;
    this.#onDrained = onDrained;
  }

  /** False from the high-water mark on. */
  get writable(): boolean {
    return this.#queuedBytes() < this.#waterMarks.highWaterBytes;
  }

  /** Before a write of at most so many bytes: whether {@link DrainWatch.taken} is to be called at its end. */
  mustFollow(bytes: number): boolean {
    return this.#queue === "full" || this.#queuedBytes() + bytes >= this.#waterMarks.highWaterBytes;
  }

  /** A write was queued. */
  queued(): void {
    if (!this.writable) this.#queue = "full";
  }

  /** The system has taken some of the queue. */
  readonly taken = (): void => {
    if (this.#queue === "flowing" || this.#queuedBytes() > this.#waterMarks.lowWaterBytes) return;
    this.#queue = "flowing";
    this.#onDrained();
  };
}
