import { abortedBy, type LinkError } from "@holdfast/rpc";

/**
 * Wait for a call that can not be taken back, but no longer than the caller wants to.
 *
 * @param whenLate - Undoes what the call did, should it succeed after it was given up.
 * @throws LinkError `AbortError` or `TimeoutError`, delivery `unknown`.
 */
export async function abortable<Result>(
  called: Promise<Result>,
  signal: AbortSignal | undefined,
  { method, whenLate }: { readonly method: string; readonly whenLate: () => void },
): Promise<Result> {
  if (signal === undefined) return called;
  const { promise: aborted, reject } = Promise.withResolvers<never>();
  const onAbort = (): void => {
    reject(abortedCall(method, "unknown", signal));
    called.then(whenLate, () => {});
  };
  if (signal.aborted) onAbort();
  else signal.addEventListener("abort", onAbort, { once: true });
  try {
    return await Promise.race([aborted, called]);
  } finally {
    signal.removeEventListener("abort", onAbort);
  }
}

/** The caller gave up on a call. */
export function abortedCall(method: string, delivery: "not-sent" | "unknown", signal: AbortSignal): LinkError {
  return abortedBy(signal, method, { delivery, method });
}
