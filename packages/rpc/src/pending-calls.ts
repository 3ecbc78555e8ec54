import type { CallOptions, RpcId, WireFault } from "@holdfast/protocol-kit";
import type { Clock, Timer } from "./clock.ts";
import { abortedBy, LinkError, RemoteError } from "./errors.ts";

interface PendingCall {
  readonly method: string;
  readonly resolve: (result: unknown) => void;
  readonly reject: (error: Error) => void;
  timer: Timer | undefined;
  stopListening: (() => void) | undefined;
}

const NEVER_MS = Number.POSITIVE_INFINITY;

/** What became of an answer: it was awaited, came too late, or belongs to no call this peer ever made. */
export type AnswerFate = "settled" | "late" | "stray";

/** Own calls that wait for their answer, by id. Ids count from 1, where the caller gives none. */
export class PendingCalls {
  readonly #calls = new Map<number, PendingCall>();
  readonly #clock: Clock;
  readonly #onGivenUp: () => void;
  #lastId = 0;
  /** The largest of those that callers gave. */
  #lastGivenId = -1;

  /** @param onGivenUp - Called after a call that ended by its time or its signal: its place is free. */
  constructor(clock: Clock, onGivenUp: () => void) {
    this.#clock = clock;
    this.#onGivenUp = onGivenUp;
  }

  get size(): number {
    return this.#calls.size;
  }

  has(id: number): boolean {
    return this.#calls.has(id);
  }

  nextId(): number {
    do this.#lastId += 1;
    while (this.#calls.has(this.#lastId));
    return this.#lastId;
  }

  /** Wait for the answer to `id`, for as long as `options` allow. */
  wait(id: number, method: string, options: CallOptions | undefined): Promise<unknown> {
    if (id === 0 || id > this.#lastId) this.#lastGivenId = Math.max(this.#lastGivenId, id);
    return new Promise((resolve, reject) => {
      const call: PendingCall = { method, resolve, reject, timer: undefined, stopListening: undefined };
      this.#calls.set(id, call);
      const limitMs = Math.min(options?.timeoutMs ?? NEVER_MS, options?.answerTimeoutMs ?? NEVER_MS);
      if (limitMs !== NEVER_MS) this.#limitTime(id, call, limitMs);
      if (options?.signal !== undefined) this.#followSignal(id, call, options.signal);
    });
  }

  resolve(id: RpcId, result: unknown): AnswerFate {
    const call = this.#take(id);
    if (call === undefined) return this.#fateOfUnknown(id);
    call.resolve(result);
    return "settled";
  }

  reject(id: RpcId, fault: WireFault): AnswerFate {
    const call = this.#take(id);
    if (call === undefined) return this.#fateOfUnknown(id);
    call.reject(new RemoteError(call.method, fault));
    return "settled";
  }

  /** Give up on every call: the connection is gone, or it is unknown which of them was meant. */
  rejectAll(code: "closed" | "malformed", reason: string, cause?: unknown): void {
    const calls = [...this.#calls.values()];
    this.#calls.clear();
    for (const call of calls) {
      release(call);
      call.reject(new LinkError(code, reason, { delivery: "unknown", method: call.method, cause }));
    }
  }

  #limitTime(id: number, call: PendingCall, timeoutMs: number): void {
    call.timer = this.#clock.after(timeoutMs, () => {
      const message = `${call.method} was not answered within ${Math.ceil(timeoutMs)} ms`;
      this.#giveUp(id, new LinkError("timeout", message, { delivery: "unknown", method: call.method }));
    });
  }

  #followSignal(id: number, call: PendingCall, signal: AbortSignal): void {
    const onAbort = (): void => {
      this.#giveUp(id, abortedBy(signal, call.method, { delivery: "unknown", method: call.method }));
    };
    signal.addEventListener("abort", onAbort, { once: true });
    call.stopListening = () => signal.removeEventListener("abort", onAbort);
  }

  #giveUp(id: number, error: LinkError): void {
    this.#take(id)?.reject(error);
    this.#onGivenUp();
  }

  #take(id: RpcId): PendingCall | undefined {
    if (typeof id !== "number") return undefined;
    const call = this.#calls.get(id);
    if (call === undefined) return undefined;
    this.#calls.delete(id);
    release(call);
    return call;
  }

  /** Every id up to the last one was issued here: its call has been given up, or was answered before. */
  #fateOfUnknown(id: RpcId): AnswerFate {
    if (typeof id !== "number" || !Number.isInteger(id)) return "stray";
    const isOwn = id >= 1 && id <= this.#lastId;
    return isOwn || (id >= 0 && id <= this.#lastGivenId) ? "late" : "stray";
  }
}

function release(call: PendingCall): void {
  call.timer?.cancel();
  call.stopListening?.();
}
