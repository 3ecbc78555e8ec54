/**
 * Wait no longer than a signal allows for what goes on all the same.
 *
 * @param work - Should it fail after it was given up, nobody hears of it.
 * @throws unknown - The reason of `signal`, once it is aborted; else that of `work`.
 */
export async function untilAborted<Value>(work: Promise<Value>, signal: AbortSignal | undefined): Promise<Value> {
  if (signal === undefined) return await work;
  const aborted = Promise.withResolvers<never>();
  const onAbort = (): void => aborted.reject(signal.reason);
  if (signal.aborted) onAbort();
  else signal.addEventListener("abort", onAbort, { once: true });
  try {
    return await Promise.race([aborted.promise, work]);
  } finally {
    signal.removeEventListener("abort", onAbort);
  }
}
