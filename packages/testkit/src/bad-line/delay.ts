import { Transform, type TransformCallback } from "node:stream";

/** Bytes under way at a time; more make the sender wait, as a full pipe does. */
const UNDER_WAY_MAX_BYTES = 16_777_216;

/** Hands every byte on a fixed time after it came, in order, however many are under way. */
export class Delay extends Transform {
  readonly #delayMs: number;
  readonly #timers = new Set<NodeJS.Timeout>();
  #underWayBytes = 0;
  /** Goes on when there is room again, or when nothing is under way any more. */
  #blocked: { readonly untilBytes: number; readonly goOn: () => void } | undefined;

  constructor(delayMs: number) {
    super();
    this.#delayMs = delayMs;
  }

  override _transform(chunk: Buffer, _: BufferEncoding, done: TransformCallback): void {
    this.#underWayBytes += chunk.length;
    // Timers of one length fire in the order in which they were set.
    const timer = setTimeout(() => {
      this.#timers.delete(timer);
      this.#underWayBytes -= chunk.length;
      this.push(chunk);
      this.#unblock();
    }, this.#delayMs);
    this.#timers.add(timer);
    this.#waitBelow(UNDER_WAY_MAX_BYTES, done);
  }

  override _flush(done: TransformCallback): void {
    this.#waitBelow(0, done);
  }

  override _destroy(error: Error | null, done: (error?: Error | null) => void): void {
    for (const timer of this.#timers) clearTimeout(timer);
    this.#timers.clear();
    done(error);
  }

  #waitBelow(untilBytes: number, goOn: () => void): void {
    this.#blocked = { untilBytes, goOn };
    this.#unblock();
  }

  #unblock(): void {
    const blocked = this.#blocked;
    if (blocked === undefined || this.#underWayBytes > blocked.untilBytes) return;
    this.#blocked = undefined;
    blocked.goOn();
  }
}
