import type { Clock, Timer } from "../../clock.ts";
import { abortedBy, type Delivery, LinkError } from "../../errors.ts";
import { CLIENT_LIMITS } from "../limits.ts";

const { maxWaitingCalls } = CLIENT_LIMITS;

/** A call that is to go out as soon as there is a line for it. */
export interface WaitingCall {
  readonly method: string;
  readonly signal: AbortSignal | undefined;
  /** When to give it up, on the clock; undefined for never. */
  readonly dueMs: number | undefined;
  /** `unknown` once it was sent on a line that broke. */
  readonly delivery: Delivery;
  /** Look again whether there is one. */
  dispatch(): void;
  fail(error: LinkError): void;
}

/** Calls that wait for a line, in the order in which they will go out. */
export class WaitingCalls {
  readonly #clock: Clock;
  /** Each with the function that stops its timer and its listener. */
  readonly #calls = new Map<WaitingCall, () => void>();

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** Let it wait until `release`, its own time or its signal. */
  add(call: WaitingCall): void {
    const { method, signal, delivery } = call;
    if (signal?.aborted) {
      call.fail(abortedError(call, signal));
    } else if (this.#calls.size >= maxWaitingCalls && delivery === "not-sent") {
      const message = `the limit of ${maxWaitingCalls} calls that wait for a reconnect is reached`;
      call.fail(new LinkError("busy", message, { delivery, method }));
    } else {
      const giveUp = (error: LinkError): void => {
        this.#remove(call);
        call.fail(error);
      };
      const onAbort = (): void => {
        if (signal !== undefined) giveUp(abortedError(call, signal));
      };
      signal?.addEventListener("abort", onAbort, { once: true });
      const timer = this.#limitTime(call, giveUp);
      this.#calls.set(call, () => {
        timer?.cancel();
        signal?.removeEventListener("abort", onAbort);
      });
    }
  }

  /** Let all of them look again, the oldest first. */
  release(): void {
    const calls = [...this.#calls.keys()];
    for (const call of calls) this.#remove(call);
    for (const call of calls) call.dispatch();
  }

  #limitTime({ method, dueMs, delivery }: WaitingCall, giveUp: (error: LinkError) => void): Timer | undefined {
    if (dueMs === undefined) return undefined;
    return this.#clock.after(dueMs - this.#clock.now(), () => {
      giveUp(new LinkError("timeout", `${method} waited too long for a reconnect`, { delivery, method }));
    });
  }

  #remove(call: WaitingCall): void {
    this.#calls.get(call)?.();
    this.#calls.delete(call);
  }
}

function abortedError({ method, delivery }: WaitingCall, signal: AbortSignal): LinkError {
  return abortedBy(signal, method, { delivery, method });
}
