import type { Clock } from "@holdfast/rpc";

/** The time for something was up. */
export class TimeIsUp extends Error {
  override readonly name = "TimeIsUp";
}

/**
 * Do something within a time. What it waits for is told to stop by its signal; its result is not waited for any longer.
 *
 * @throws TimeIsUp. @throws the reason of `signal`.
 */
export async function within<Result>(
  { clock, timeoutMs, signal }: { readonly clock: Clock; readonly timeoutMs: number; readonly signal: AbortSignal },
  act: (signal: AbortSignal) => Promise<Result>,
): Promise<Result> {
  const stop = new AbortController();
  const { promise: stopped, reject } = Promise.withResolvers<never>();
  const halt = (reason: unknown): void => {
    stop.abort(reason);
    reject(reason);
  };
  const onAbort = (): void => halt(signal.reason);
  const timer = clock.after(timeoutMs, () => halt(new TimeIsUp(`not done within ${timeoutMs} ms`)));
  if (signal.aborted) onAbort();
  signal.addEventListener("abort", onAbort, { once: true });
  stopped.catch(() => {});
  try {
    return await Promise.race([act(stop.signal), stopped]);
  } finally {
    timer.cancel();
    signal.removeEventListener("abort", onAbort);
  }
}
