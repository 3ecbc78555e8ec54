/** How long to wait between attempts that fail. */
export interface Backoff {
  /** Milliseconds before the second attempt. */
  readonly firstMs: number;
  /** The pause doubles with every failure, up to so many milliseconds. As {@link Backoff.firstMs}: it stays. */
  readonly maxMs: number;
  /**
   * Whether the jitter takes up to half of a pause that grows away, or adds it: to a service that counts on the whole pause. Default
   * `subtracts`.
   */
  readonly jitter?: "subtracts" | "adds" | undefined;
  /** From 0 to 1, for the jitter. Default `Math.random`. */
  readonly random?: (() => number) | undefined;
}

/**
 * The pause after so many failures, milliseconds. One that grows has a jitter of half its length, so that clients that failed at the same time
 * do not come back at the same time.
 *
 * @param failures - From 1 on.
 */
export function backoffMs(failures: number, { firstMs, maxMs, jitter, random = Math.random }: Backoff): number {
  if (maxMs <= firstMs) return firstMs;
  const fullMs = Math.min(firstMs * 2 ** Math.min(failures - 1, 30), maxMs);
  const leastMs = jitter === "adds" ? fullMs : fullMs / 2;
  return leastMs + (fullMs / 2) * random();
}
