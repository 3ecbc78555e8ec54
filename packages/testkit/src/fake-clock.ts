interface FakeTimer {
  readonly dueMs: number;
  readonly order: number;
  readonly fire: () => void;
}

/** A clock that stands still until it is told to move. Satisfies the `Clock` port structurally. */
export class FakeClock {
  readonly #timers = new Set<FakeTimer>();
  #nowMs: number;
  #lastOrder = 0;

  /** @param startMs - What `now` says at first. Default 0. */
  constructor(startMs = 0) {
    this.#nowMs = startMs;
  }

  /** Timers that have neither fired nor been cancelled. */
  get pendingTimers(): number {
    return this.#timers.size;
  }

  now(): number {
    return this.#nowMs;
  }

  after(delayMs: number, fire: () => void): { cancel(): void } {
    this.#lastOrder += 1;
    const timer = { dueMs: this.#nowMs + Math.max(0, delayMs), order: this.#lastOrder, fire };
    this.#timers.add(timer);
    return { cancel: () => this.#timers.delete(timer) };
  }

  /**
   * Move time on by `deltaMs` and fire what falls due, in order of time and then of creation. `now` is the due time
   * while a timer fires. Pending promise reactions run before, between and after, so that timers which they set within
   * the span fire too.
   */
  async advance(deltaMs: number): Promise<void> {
    const endMs = this.#nowMs + deltaMs;
    await settle();
    for (let timer = this.#nextDue(endMs); timer !== undefined; timer = this.#nextDue(endMs)) {
      this.#timers.delete(timer);
      this.#nowMs = Math.max(this.#nowMs, timer.dueMs);
      timer.fire();
      await settle();
    }
    this.#nowMs = Math.max(this.#nowMs, endMs);
  }

  /**
   * Move time on as it moves for a process that was stopped: nothing fires meanwhile, and afterwards each timer that fell
   * due fires once, late.
   */
  async standStill(deltaMs: number): Promise<void> {
    await settle();
    this.#nowMs += deltaMs;
    await this.advance(0);
  }

  #nextDue(endMs: number): FakeTimer | undefined {
    let next: FakeTimer | undefined;
    for (const timer of this.#timers) {
      if (timer.dueMs > endMs) continue;
      if (next === undefined || timer.dueMs < next.dueMs || (timer.dueMs === next.dueMs && timer.order < next.order)) {
        next = timer;
      }
    }
    return next;
  }
}

/** The turn of the event loop ends only after every promise reaction, however long the chain. */
function settle(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}
