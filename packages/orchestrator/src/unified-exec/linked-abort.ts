/** A signal that is aborted with another, or by hand. Disposing lets go of the other. */
export class LinkedAbort implements Disposable {
  readonly #controller = new AbortController();
  readonly #other: AbortSignal | undefined;
  readonly #onAbort = (): void => this.#controller.abort(this.#other?.reason);

  constructor(other: AbortSignal | undefined) {
    this.#other = other;
    if (other?.aborted) this.#onAbort();
    else other?.addEventListener("abort", this.#onAbort, { once: true });
  }

  get signal(): AbortSignal {
    return this.#controller.signal;
  }

  abort(reason: unknown): void {
    this.#controller.abort(reason);
  }

  [Symbol.dispose](): void {
    this.#other?.removeEventListener("abort", this.#onAbort);
  }
}
