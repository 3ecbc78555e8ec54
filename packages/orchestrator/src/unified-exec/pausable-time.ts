import { type Clock, Holds } from "@holdfast/rpc";
import type { Latch } from "./latch.ts";

/** Time that can be stopped for a while, for waits that must not run out while a person is asked something. */
export class PausableTime {
  readonly #clock: Clock;
  readonly #onChange = new Set<() => void>();
  readonly #pauses = new Holds(() => {
    for (const changed of this.#onChange) changed();
  });

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  now(): number {
    return this.#clock.now();
  }

  /** Stop it until the result is disposed of. Counted. */
  pause(): Disposable {
    return this.#pauses.take();
  }

  /** Let it run, for good. */
  close(): void {
    this.#pauses.close();
  }

  /**
   * Wait until `end` is open, but no longer than this.
   *
   * @throws The reason of `signal`, once it is aborted.
   */
  async wait(end: Latch, ms: number, signal?: AbortSignal): Promise<void> {
    signal?.throwIfAborted();
    const { promise: over, resolve, reject } = Promise.withResolvers<void>();
    let leftMs = ms;
    let begunAt = this.#clock.now();
    let timer = this.#clock.after(this.#pauses.isHeld ? Number.POSITIVE_INFINITY : leftMs, resolve);
    const onChange = (): void => {
      timer.cancel();
      if (this.#pauses.isHeld) {
        leftMs -= this.#clock.now() - begunAt;
        return;
      }
      begunAt = this.#clock.now();
      timer = this.#clock.after(leftMs, resolve);
    };
    const onAbort = (): void => reject(signal?.reason);
    signal?.addEventListener("abort", onAbort, { once: true });
    this.#onChange.add(onChange);
    using _waiting = end.whenOpen(resolve);
    try {
      await over;
    } finally {
      timer.cancel();
      this.#onChange.delete(onChange);
      signal?.removeEventListener("abort", onAbort);
    }
  }
}
