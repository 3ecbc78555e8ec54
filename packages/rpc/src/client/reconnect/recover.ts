import type { Clock } from "../../clock.ts";
import { isLinkError, LinkError } from "../../errors.ts";
import { type Backoff, backoffMs } from "./backoff.ts";
import { pause } from "./pause.ts";

/** How long and how often to try. */
export interface RecoverySettings {
  /** Milliseconds from the loss of the line until the session is given up. */
  readonly deadlineMs: number;
  /** Milliseconds between two attempts. */
  readonly retryIntervalMs: number;
  /** What they grow to, where each failure doubles them. Default: they stay. */
  readonly maxRetryIntervalMs?: number | undefined;
  /** Of pauses that grow. Default `subtracts`. */
  readonly jitter?: Backoff["jitter"];
}

export interface RecoverOptions extends RecoverySettings {
  readonly clock: Clock;
  /** What is tried, for the error of the deadline. Default `recovery`. */
  readonly what?: string | undefined;
  /** Milliseconds to wait before the first attempt. */
  readonly delayMs: number;
  /** Ends it from outside. */
  readonly stop: AbortSignal;
  /** Whether an attempt that failed so may do better next time. Default {@link isLineFailure}. */
  readonly isRetryable?: ((error: unknown) => boolean) | undefined;
}

/**
 * Attempt until it works, the deadline passes, or an error says that it never will.
 *
 * @throws LinkError `timeout` - The deadline; its cause is the error of the last attempt. @throws unknown - What made a
 * further attempt useless.
 */
export async function recover<Result>(
  attempt: (signal: AbortSignal) => Promise<Result>,
  {
    clock,
    deadlineMs,
    retryIntervalMs,
    maxRetryIntervalMs = retryIntervalMs,
    jitter,
    delayMs,
    stop,
    what = "recovery",
    isRetryable = isLineFailure,
  }: RecoverOptions,
): Promise<Result> {
  const deadline = new AbortController();
  const timer = clock.after(deadlineMs, () => deadline.abort());
  const signal = AbortSignal.any([stop, deadline.signal]);
  let lastError: unknown;
  try {
    await pause(delayMs, clock, signal);
    for (let failures = 1; !signal.aborted; failures += 1) {
      try {
        return await attempt(signal);
      } catch (error) {
        if (!signal.aborted && !isRetryable(error)) throw error;
        lastError = signal.aborted ? (lastError ?? error) : error;
      }
      await pause(backoffMs(failures, { firstMs: retryIntervalMs, maxMs: maxRetryIntervalMs, jitter }), clock, signal);
    }
    // That the last attempt was given up says no more than the deadline does.
    const isCut = isLinkError(lastError) && lastError.code === "aborted";
    const last = lastError instanceof Error && !isCut ? ` (last: ${lastError.message})` : "";
    const message = `${what} timed out after ${deadlineMs / 1_000} s${last}`;
    throw new LinkError("timeout", message, { delivery: "not-sent", cause: lastError });
  } finally {
    timer.cancel();
  }
}

/** Whether there was no line, it broke or stayed silent, which the next one may not. */
export function isLineFailure(error: unknown): boolean {
  return isLinkError(error) && (error.code === "closed" || error.code === "timeout");
}
