import type { Clock } from "@holdfast/rpc";
import { backoffMs, pause } from "@holdfast/rpc/client";
import {
  RELAY_BUNDLE_PATIENCE_MS,
  RELAY_BUNDLE_RETRIES_MAX,
  RELAY_BUNDLE_TIMEOUT_MS,
  RELAY_RETRY_PAUSES,
} from "../limits.ts";
import { PostTimeout } from "./post-json.ts";
import { isPassing, RegistryRefusal } from "./registry-refusal.ts";

/**
 * Ask for a bundle, and again while a registry is busy: four times at most, within 14 s. Whoever recovers asks once, and counts the
 * pauses himself.
 *
 * @param ask - One request that takes at most so many milliseconds.
 * @throws unknown - What the last request failed with.
 */
export async function askForBundle<Bundle>(
  ask: (timeoutMs: number) => Promise<Bundle>,
  {
    clock,
    signal,
    isRecovery,
  }: { readonly clock: Clock; readonly signal: AbortSignal | undefined; readonly isRecovery: boolean },
): Promise<Bundle> {
  const untilMs = clock.now() + RELAY_BUNDLE_PATIENCE_MS;
  for (let failures = 1; ; failures += 1) {
    try {
      return await ask(Math.min(RELAY_BUNDLE_TIMEOUT_MS, untilMs - clock.now()));
    } catch (error) {
      const mayPass = error instanceof PostTimeout || (error instanceof RegistryRefusal && isPassing(error.status));
      if (isRecovery || !mayPass || failures > RELAY_BUNDLE_RETRIES_MAX) throw error;
      const pauseMs = backoffMs(failures, RELAY_RETRY_PAUSES);
      if (clock.now() + pauseMs >= untilMs) throw error;
      await pause(pauseMs, clock, signal);
      if (signal?.aborted === true) throw signal.reason;
    }
  }
}
