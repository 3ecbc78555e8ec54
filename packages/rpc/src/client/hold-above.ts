/** When to hold, and when to go on, in bytes that wait. */
export interface HoldMarks {
  readonly highBytes: number;
  readonly lowBytes: number;
}

/** Holds what sends while too much of it waits here: from the high mark on, until the low one is reached. */
export class HoldAbove {
  readonly #marks: HoldMarks;
  readonly #take: () => Disposable;
  #hold: Disposable | undefined;

  constructor(marks: HoldMarks, take: () => Disposable) {
    this.#marks = marks;
    this.#take = take;
  }

  /** So many bytes wait now. */
  update(waitingBytes: number): void {
    if (this.#hold === undefined) {
      if (waitingBytes >= this.#marks.highBytes) this.#hold = this.#take();
    } else if (waitingBytes <= this.#marks.lowBytes) {
      this.release();
    }
  }

  /** Release the hold for good, however much is waiting. */
  release(): void {
    const hold = this.#hold;
    // First: what is let through can come at once, and reach the high mark again.
    this.#hold = undefined;
    hold?.[Symbol.dispose]();
  }
}
