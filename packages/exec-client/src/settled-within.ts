import type { Clock } from "@holdfast/rpc";

/** Wait until `promise` settles either way, but no longer than `timeoutMs`. Never rejects. */
export async function settledWithin(promise: Promise<unknown>, timeoutMs: number, clock: Clock): Promise<void> {
  const { promise: done, resolve } = Promise.withResolvers<void>();
  const timer = clock.after(timeoutMs, resolve);
  promise.then(
    () => resolve(),
    () => resolve(),
  );
  await done;
  timer.cancel();
}
