/** Wait for what others wait for, too. @throws The reason of the signal. */
export function heard<Result>(promise: Promise<Result>, signal: AbortSignal | undefined): Promise<Result> {
  if (signal === undefined) return promise;
  const { promise: given, reject } = Promise.withResolvers<never>();
  const onAbort = (): void => reject(signal.reason);
  signal.addEventListener("abort", onAbort, { once: true });
  return Promise.race([promise, given]).finally(() => signal.removeEventListener("abort", onAbort));
}
