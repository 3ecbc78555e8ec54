import { type Clock, describeAbort, isTimeoutReason, type Timer } from "@holdfast/rpc";

/** Why a command is being stopped. */
export interface InterruptionReason {
  readonly code: "aborted" | "timeout";
  readonly message: string;
  /** The reason of the caller's signal; undefined when the time limit ended it. */
  readonly cause: unknown;
  /** The caller's signal; undefined when the time limit ended it. */
  readonly signal: AbortSignal | undefined;
}

/** The caller's signal and the time limit of one command, whichever comes first. */
export class Interruption implements Disposable {
  readonly #controller = new AbortController();
  readonly #happened = Promise.withResolvers<void>();
  readonly #timer: Timer | undefined;
  readonly #caller: AbortSignal | undefined;
  readonly #onAbort = (): void => {
    const cause: unknown = this.#caller?.reason;
    const code = isTimeoutReason(cause) ? "timeout" : "aborted";
    this.#interrupt({ code, message: `the command ${describeAbort(cause)}`, cause, signal: this.#caller });
  };
  #reason: InterruptionReason | undefined;

  constructor(clock: Clock, limits: { timeoutMs: number | undefined; signal: AbortSignal | undefined }) {
    const { timeoutMs, signal } = limits;
    this.#caller = signal;
    if (signal?.aborted) this.#onAbort();
    else signal?.addEventListener("abort", this.#onAbort, { once: true });
    if (timeoutMs === undefined) return;
    this.#timer = clock.after(timeoutMs, () => {
      const message = `the command took more than ${Math.ceil(timeoutMs)} ms`;
      this.#interrupt({ code: "timeout", message, cause: undefined, signal: undefined });
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
