/**
 * Aborted with another signal, or by itself. Let go of when disposed, and not when memory is looked through, as what `AbortSignal.any` makes: of that each turn would leave
 * some behind.
 */
export class LinkedAbort implements Disposable {
  readonly #own = new AbortController();
  readonly #outer: AbortSignal;
  readonly #onAbort = (): void => this.#own.abort(this.#outer.reason);

  constructor(outer: AbortSignal) {
    this.#outer = outer;
    if (outer.aborted) this.#onAbort();
    else outer.addEventListener("abort", this.#onAbort, { once: true });
  }

  get signal(): AbortSignal {
    return this.#own.signal;
  }

  abort(reason: unknown): void {
    this.#own.abort(reason);
  }

  [Symbol.dispose](): void {
    this.#outer.removeEventListener("abort", this.#onAbort);
  }
}
