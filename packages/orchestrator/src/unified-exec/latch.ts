/** Opens once. Who waits for it can stop waiting and leaves nothing behind, however often that happens. */
export class Latch {
  #isOpen = false;
  readonly #waiting = new Set<() => void>();

  /** One that opens when `promise` settles, either way. */
  static of(promise: Promise<unknown>): Latch {
    const latch = new Latch();
    promise.then(
      () => latch.open(),
      () => latch.open(),
    );
    return latch;
  }

  get isOpen(): boolean {
    return this.#isOpen;
  }

  open(): void {
    this.#isOpen = true;
    for (const opened of this.#waiting) opened();
    this.#waiting.clear();
  }

  /** Calls back when it is open: at once if it is. @returns What stops waiting. */
  whenOpen(opened: () => void): Disposable {
    if (this.#isOpen) opened();
    else this.#waiting.add(opened);
    return { [Symbol.dispose]: () => this.#waiting.delete(opened) };
  }
}
