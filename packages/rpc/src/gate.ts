/** Lets those who wait go on together. It closes again behind them: who waits later waits for the next opening. */
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
