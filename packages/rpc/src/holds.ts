/// <reference lib="esnext.disposable" preserve="true" />
/**
 * A counted hold (back-pressure): a source is held back while at least one hold is not released.
 *
 * Back-pressure is done this way everywhere: a consumer that can not take more takes a hold of the source, and disposes of it later.
 */
export class Holds {
  readonly #onChange: (isHeld: boolean) => void;
  #count = 0;
  #isClosed = false;

  /** @param onChange - Called when the first hold is taken, and when the last one is released. */
  constructor(onChange: (isHeld: boolean) => void) {
    this.#onChange = onChange;
  }

  get isHeld(): boolean {
    return this.#count > 0;
  }

  /** Hold it until the result is disposed of; a second disposal does nothing. */
  take(): Disposable {
    let isTaken = !this.#isClosed;
    if (isTaken) this.#add(1);
    const release = (): void => {
      if (!isTaken || this.#isClosed) return;
      isTaken = false;
      this.#add(-1);
    };
    return { [Symbol.dispose]: release };
  }

  /** Release every hold for good: those that are taken later hold nothing. */
  close(): void {
    if (this.#isClosed) return;
    this.#isClosed = true;
    if (this.isHeld) this.#add(-this.#count);
  }

  #add(change: number): void {
    const wasHeld = this.isHeld;
    this.#count += change;
    if (this.isHeld !== wasHeld) this.#onChange(this.isHeld);
  }
}
