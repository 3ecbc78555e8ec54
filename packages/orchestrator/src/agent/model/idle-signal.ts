import type { Clock } from "@holdfast/rpc";

/** Aborted when nothing came for a while, or with another signal. */
export class IdleSignal implements Disposable {
  readonly outer: AbortSignal;
  readonly #clock: Clock;
  readonly #idleMs: number;
  readonly #own = new AbortController();
  readonly #onAbort: () => void;
  #timer: { cancel(): void } | undefined;
  #isIdle = false;

  constructor(clock: Clock, idleMs: number, outer: AbortSignal) {
    this.#clock = clock;
    this.#idleMs = idleMs;
    this.outer = outer;
    this.#onAbort = () => this.#own.abort(outer.reason);
    if (outer.aborted) this.#onAbort();
    else outer.addEventListener("abort", this.#onAbort, { once: true });
  }

  get signal(): AbortSignal {
    return this.#own.signal;
  }

  get isIdle(): boolean {
    return this.#isIdle;
  }

  /** Something came. */
  touch(): void {
    this.stop();
    this.#timer = this.#clock.after(this.#idleMs, () => {
      this.#isIdle = true;
      this.#own.abort(new Error("nothing came"));
    });
  }

  stop(): void {
    this.#timer?.cancel();
  }

  /** Nothing more is wanted. */
  end(): void {
    this.stop();
    this.#own.abort(new Error("nothing more is wanted"));
  }

  [Symbol.dispose](): void {
    this.stop();
    this.outer.removeEventListener("abort", this.#onAbort);
  }
}
