import type { Clock } from "@holdfast/rpc";
import { untilAborted } from "@holdfast/rpc/client";
import { durationText } from "./duration-text.ts";

/** Where to connect to, found in time. @throws The reason of the signal. @throws What finding it throws. */
export async function foundWithin<Place>(
  timeoutMs: number,
  find: () => Place | Promise<Place>,
  { signal, clock }: { readonly signal: AbortSignal; readonly clock: Clock },
): Promise<Place> {
  signal.throwIfAborted();
  const late = new AbortController();
  const timer = clock.after(timeoutMs, () => {
    late.abort(new Error(`where it is was not known within ${durationText(timeoutMs)}`));
  });
  try {
    return await untilAborted(Promise.resolve(find()), AbortSignal.any([signal, late.signal]));
  } finally {
    timer.cancel();
  }
}
