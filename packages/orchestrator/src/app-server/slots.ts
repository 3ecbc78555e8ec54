import { Gate } from "@holdfast/rpc";

/** So many may do something at a time; others wait. */
export class Slots {
  readonly #freed = new Gate();
  #free: number;

  constructor(count: number) {
    this.#free = count;
  }

  /** @returns what gives the slot back. @throws The reason of `signal`. */
  async take(signal: AbortSignal): Promise<Disposable> {
    const wake = (): void => this.#freed.open();
    signal.addEventListener("abort", wake, { once: true });
    try {
      signal.throwIfAborted();
      while (this.#free === 0) {
        await this.#freed.wait();
        signal.throwIfAborted();
      }
    } finally {
      signal.removeEventListener("abort", wake);
    }
    this.#free -= 1;
    return {
      [Symbol.dispose]: () => {
        this.#free += 1;
        this.#freed.open();
      },
    };
  }
}
