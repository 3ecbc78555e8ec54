import type { Clock } from "../../clock.ts";

/** Resolves after the time, or at once when the signal aborts. */
export async function pause(delayMs: number, clock: Clock, signal?: AbortSignal): Promise<void> {
  if (delayMs <= 0 || signal?.aborted) return;
  const { promise, resolve } = Promise.withResolvers<void>();
  const timer = clock.after(delayMs, resolve);
  const onAbort = (): void => resolve();
  signal?.addEventListener("abort", onAbort, { once: true });
  await promise;
  timer.cancel();
  signal?.removeEventListener("abort", onAbort);
}
