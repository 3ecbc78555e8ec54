/** Releases all waiters at once, and closes again behind them: a later waiter waits for the next opening. */
export class Gate {
  #opening: PromiseWithResolvers<void> | undefined;

  /** Resolves at the next {@link Gate.open}. */
  wait(): Promise<void> {
    this.#opening ??= Promise.withResolvers<void>();
    return this.#opening.promise;
  }

  open(): void {
    this.#opening?.resolve();
    this.#opening = undefined;
  }
}
