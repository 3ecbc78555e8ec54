import type { Clock, Timer } from "@holdfast/rpc";

/** Why a command is being stopped. */
export interface InterruptionReason {
  readonly code: "aborted" | "timeout";
  readonly message: string;
  readonly cause: unknown;
}

/** The caller's signal and the time limit of one command, whichever comes first. */
export class Interruption implements Disposable {
  readonly #controller = new AbortController();
  readonly #happened = Promise.withResolvers<void>();
  readonly #timer: Timer | undefined;
  readonly #caller: AbortSignal | undefined;
  readonly #onAbort = (): void => {
    this.#interrupt({ code: "aborted", message: "the command was aborted", cause: this.#caller?.reason });
  };
  #reason: InterruptionReason | undefined;

  constructor(clock: Clock, limits: { timeoutMs: number | undefined; signal: AbortSignal | undefined }) {
    const { timeoutMs, signal } = limits;
    this.#caller = signal;
    if (signal?.aborted) this.#onAbort();
    else signal?.addEventListener("abort", this.#onAbort, { once: true });
    if (timeoutMs === undefined) return;
    this.#timer = clock.after(timeoutMs, () => {
      this.#interrupt({ code: "timeout", message: `the command took more than ${timeoutMs} ms`, cause: undefined });
    });
  }

  /** Aborted at the same moment. */
  get signal(): AbortSignal {
    return this.#controller.signal;
  }

  get reason(): InterruptionReason | undefined {
    return this.#reason;
  }

  /** Resolves when it happens; never, when it does not. */
  get happened(): Promise<void> {
    return this.#happened.promise;
  }

  [Symbol.dispose](): void {
    this.#timer?.cancel();
    this.#caller?.removeEventListener("abort", this.#onAbort);
  }

  #interrupt(reason: InterruptionReason): void {
    if (this.#reason !== undefined) return;
    this.#reason = reason;
    this.#controller.abort(reason.cause);
    this.#happened.resolve();
  }
}
