import { abortedBy, type Clock, isLinkError, isRemoteError, LinkError, type Timer } from "@holdfast/rpc";
import { withCallersStack } from "../errors/callers-stack.ts";
import { HttpBodyError } from "../errors.ts";

const METHOD = "http/request";
/** Two clocks that are set at nearly the same time may be apart by this much, milliseconds. */
const CLOCK_SLACK_MS = 2;

/** What may end one HTTP exchange: its caller's signal, and its time, which the executor keeps as well. */
export class ExchangeLimit {
  readonly #clock: Clock;
  readonly #timeoutMs: number | undefined;
  readonly #startedAtMs: number;
  readonly #caller: AbortSignal | undefined;
  readonly #expired: AbortController | undefined;
  readonly #timer: Timer | undefined;
  /** Aborted by either. */
  readonly signal: AbortSignal | undefined;

  constructor(
    clock: Clock,
    limits: { readonly timeoutMs: number | undefined; readonly signal: AbortSignal | undefined },
  ) {
    const { timeoutMs, signal } = limits;
    this.#clock = clock;
    this.#timeoutMs = timeoutMs;
    this.#startedAtMs = clock.now();
    this.#caller = signal;
    this.signal = signal;
    if (timeoutMs === undefined) return;
    const expired = new AbortController();
    this.#expired = expired;
    this.#timer = clock.after(timeoutMs, () => expired.abort());
    this.signal = signal === undefined ? expired.signal : AbortSignal.any([signal, expired.signal]);
  }

  /** What is left of its time, for the executor: whole milliseconds, at least 1. Undefined: no bound that the wire can carry. */
  get remainingMs(): number | undefined {
    if (this.#timeoutMs === undefined || this.#timeoutMs > Number.MAX_SAFE_INTEGER) return undefined;
    return Math.max(1, Math.ceil(this.#timeoutMs - (this.#clock.now() - this.#startedAtMs)));
  }

  /** It is over. */
  end(): void {
    this.#timer?.cancel();
  }

  /** What a failure is to be told as: an `AbortError` or a `TimeoutError`, whoever noticed first, or what it is. */
  told(error: unknown): unknown {
    if (this.#isLate(error)) {
      const message = `${METHOD} took more than ${this.#timeoutMs} ms`;
      return new LinkError("timeout", message, { delivery: "unknown", method: METHOD });
    }
    const caller = this.#caller;
    const isReason = caller?.aborted === true && error === caller.reason && !isLinkError(error);
    return isReason ? abortedBy(caller, METHOD, { delivery: "unknown", method: METHOD }) : withCallersStack(error);
  }

  #isLate(error: unknown): boolean {
    if (this.#timeoutMs === undefined || this.#caller?.aborted) return false;
    if (this.#expired?.signal.aborted) return true;
    const isOfExecutor = isRemoteError(error) || error instanceof HttpBodyError;
    return isOfExecutor && this.#clock.now() - this.#startedAtMs >= this.#timeoutMs - CLOCK_SLACK_MS;
  }
}
