import type { Clock } from "@holdfast/rpc";

/** What is left of a time that starts now, milliseconds; undefined for no limit. */
export function timeLeftOf(clock: Clock, timeoutMs: number | undefined): () => number | undefined {
  const startedAtMs = clock.now();
  return () => (timeoutMs === undefined ? undefined : Math.max(0, timeoutMs - (clock.now() - startedAtMs)));
}
