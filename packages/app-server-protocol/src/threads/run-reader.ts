/** What a reader reads from. */
export interface RunSource<Event> {
  /** The next event that waits; undefined when there is none right now. */
  shift(): Event | undefined;
  /** True when nothing comes after what waits. @throws what the run ended with. */
  isAtEnd(): boolean;
  /** Resolves when there may be something new. */
  changed(): Promise<void>;
  /** The reader is not interested any more. Never rejects. */
  leave(): Promise<void>;
}

/** Reads a run, event by event or, by a choice, what it finds in some of them. */
export class RunReader<Event, Value> implements AsyncIterableIterator<Value, undefined> {
  readonly #source: RunSource<Event>;
  readonly #choose: (event: Event) => Value | undefined;
  #last: Promise<unknown> = Promise.resolve();
  #isOver = false;

  /** @param choose - What of an event is read; undefined: nothing. */
  constructor(source: RunSource<Event>, choose: (event: Event) => Value | undefined) {
    this.#source = source;
    this.#choose = choose;
  }

  [Symbol.asyncIterator](): this {
    return this;
  }

  next(): Promise<IteratorResult<Value, undefined>> {
    const next = this.#last.then(() => this.#take());
    this.#last = next.catch(() => {});
    return next;
  }

  /** At once, also while a `next()` waits. */
  async return(): Promise<IteratorResult<Value, undefined>> {
    if (!this.#isOver) {
      this.#isOver = true;
      await this.#source.leave();
    }
    return { done: true, value: undefined };
  }

  async #take(): Promise<IteratorResult<Value, undefined>> {
    while (!this.#isOver) {
      const event = this.#source.shift();
      if (event !== undefined) {
        const value = this.#choose(event);
        if (value !== undefined) return { done: false, value };
      } else if (this.#isSourceAtEnd()) {
        this.#isOver = true;
      } else {
        await this.#source.changed();
      }
    }
    return { done: true, value: undefined };
  }

  #isSourceAtEnd(): boolean {
    try {
      return this.#source.isAtEnd();
    } catch (error) {
      this.#isOver = true;
      throw error;
    }
  }
}
