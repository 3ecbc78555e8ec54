import { ERROR_CODES } from "@holdfast/exec-server-protocol";
import { type Clock, isLinkError, isRemoteError, LinkError } from "@holdfast/rpc";

import { isFinalRefusal } from "../errors/final-refusal.ts";

/** How long and how often to try. */
export interface RecoverySettings {
  /** Milliseconds from the loss of the line until the session is given up. */
  readonly deadlineMs: number;
  /** Milliseconds between two attempts. */
  readonly retryIntervalMs: number;
}

export interface RecoverOptions extends RecoverySettings {
  readonly clock: Clock;
  /** What is tried, for the error of the deadline. Default `recovery`. */
  readonly what?: string | undefined;
  /** Milliseconds to wait before the first attempt. */
  readonly delayMs: number;
  /** Ends it from outside. */
  readonly stop: AbortSignal;
}

/**
 * Attempt until it works, the deadline passes, or an error says that it never will.
 *
 * @throws LinkError `timeout` - The deadline; its cause is the error of the last attempt. @throws unknown - What made a
 * further attempt useless.
 */
export async function recover<Result>(
  attempt: (signal: AbortSignal) => Promise<Result>,
  { clock, deadlineMs, retryIntervalMs, delayMs, stop, what = "recovery" }: RecoverOptions,
): Promise<Result> {
  const deadline = new AbortController();
  const timer = clock.after(deadlineMs, () => deadline.abort());
  const signal = AbortSignal.any([stop, deadline.signal]);
  let lastError: unknown;
  try {
    await pause(delayMs, clock, signal);
    while (!signal.aborted) {
      try {
        return await attempt(signal);
      } catch (error) {
        if (!signal.aborted && !isRetryable(error)) throw error;
        lastError = signal.aborted ? (lastError ?? error) : error;
      }
      await pause(retryIntervalMs, clock, signal);
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

/**
 * A line that is not there, breaks or stays silent may do better next time; a refusal will not, but for that of an executor which has
 * yet to notice that the old line is gone.
 */
function isRetryable(error: unknown): boolean {
  if (isRemoteError(error)) return error.code === ERROR_CODES.SessionAttached;
  if (isLinkError(error) && isFinalRefusal(error.cause)) return false;
  return isLinkError(error) && (error.code === "closed" || error.code === "timeout");
}

/** Resolves after the time, or at once when the signal aborts. */
async function pause(delayMs: number, clock: Clock, signal: AbortSignal): Promise<void> {
  if (delayMs <= 0 || signal.aborted) return;
  const { promise, resolve } = Promise.withResolvers<void>();
  const timer = clock.after(delayMs, resolve);
  const onAbort = (): void => resolve();
  signal.addEventListener("abort", onAbort, { once: true });
  await promise;
  timer.cancel();
  signal.removeEventListener("abort", onAbort);
}
