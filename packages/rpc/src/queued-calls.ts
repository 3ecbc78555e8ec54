import type { CallOptions } from "@holdfast/protocol-kit";
import type { Clock, Timer } from "./clock.ts";
import { abortedBy, LinkError } from "./errors.ts";

/** What is to be sent. */
export interface CallMessage {
  /** Undefined: the next one. */
  readonly id: number | undefined;
  readonly method: string;
  readonly params: unknown;
}

/** A call that could not be sent yet. */
export interface QueuedCall extends CallMessage {
  /** Those of the caller, with what is left of its time. */
  readonly options: () => CallOptions | undefined;
  readonly resolve: (result: PromiseLike<unknown>) => void;
  readonly reject: (error: unknown) => void;
}

/** Own calls that wait for a place among those that may be pending, in the order in which they were made, the urgent ones first. */
export class QueuedCalls {
  readonly #clock: Clock;
  /** Each with the function that stops its timer and its listener. */
  readonly #urgent = new Map<QueuedCall, () => void>();
  readonly #calls = new Map<QueuedCall, () => void>();

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  get size(): number {
    return this.#urgent.size + this.#calls.size;
  }

  get urgentSize(): number {
    return this.#urgent.size;
  }

  /** Wait for {@link QueuedCalls.shift}, for as long as `options` allow; what gives up was not sent. */
  add(message: CallMessage, options: CallOptions | undefined): Promise<unknown> {
    const { method } = message;
    const { promise, resolve, reject } = Promise.withResolvers<unknown>();
    const { timeoutMs, signal, urgent = false } = options ?? {};
    const dueMs = timeoutMs === undefined ? undefined : this.#clock.now() + timeoutMs;
    const left = (): CallOptions | undefined =>
      dueMs === undefined ? options : { ...options, timeoutMs: Math.max(0, dueMs - this.#clock.now()) };
    const call: QueuedCall = { ...message, options: left, resolve, reject };
    const giveUp = (error: LinkError): void => {
      this.#remove(call);
      reject(error);
    };
    const onAbort = (): void => {
      if (signal !== undefined) giveUp(abortedBy(signal, method, { delivery: "not-sent", method }));
    };
    signal?.addEventListener("abort", onAbort, { once: true });
    const timer = this.#limitTime(method, timeoutMs, giveUp);
    (urgent ? this.#urgent : this.#calls).set(call, () => {
      timer?.cancel();
      signal?.removeEventListener("abort", onAbort);
    });
    return promise;
  }

  /** The oldest of the urgent ones, or else of all, which does not wait any longer. */
  shift(): QueuedCall | undefined {
    const [oldest] = this.#urgent.size > 0 ? this.#urgent.keys() : this.#calls.keys();
    if (oldest !== undefined) this.#remove(oldest);
    return oldest;
  }

  /** None of them will be sent. */
  rejectAll(reason: string, cause?: unknown): void {
    const calls = [...this.#urgent.keys(), ...this.#calls.keys()];
    for (const call of calls) this.#remove(call);
    for (const { method, reject } of calls) {
      reject(new LinkError("closed", reason, { delivery: "not-sent", method, cause }));
    }
  }

  #limitTime(method: string, timeoutMs: number | undefined, giveUp: (error: LinkError) => void): Timer | undefined {
    if (timeoutMs === undefined) return undefined;
    return this.#clock.after(timeoutMs, () => {
      const message = `${method} waited for other calls longer than ${Math.ceil(timeoutMs)} ms`;
      giveUp(new LinkError("timeout", message, { delivery: "not-sent", method }));
    });
  }

  #remove(call: QueuedCall): void {
    for (const calls of [this.#urgent, this.#calls]) {
      calls.get(call)?.();
      calls.delete(call);
    }
  }
}
