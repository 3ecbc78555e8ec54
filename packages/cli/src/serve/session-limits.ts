import { DEFAULT_LIMITS, type ExecutorLimits } from "@holdfast/executor";
import { UsageError } from "../command-line/failure.ts";

/** The longest delay that a timer takes, in whole seconds. */
const MAX_SECONDS = Math.floor((2 ** 31 - 1) / 1_000);

/**
 * How long sessions wait for their clients, from `--session-ttl`; the defaults when that is absent.
 *
 * A process that ends while nobody is there can be read for as long as its session waits.
 *
 * @throws UsageError it is no whole number of seconds that a timer can wait.
 */
export function sessionLimits(text: string | undefined): Partial<ExecutorLimits> {
  if (text === undefined) return {};
  const seconds = Number(text);
  if (!/^\d+$/.test(text) || seconds > MAX_SECONDS) {
    throw new UsageError(`--session-ttl must be a whole number of seconds from 0 to ${MAX_SECONDS}, not '${text}'`);
  }
  const detachedSessionTtlMs = seconds * 1_000;
  return {
    detachedSessionTtlMs,
    closedRetentionMs: Math.max(detachedSessionTtlMs, DEFAULT_LIMITS.closedRetentionMs),
  };
}
