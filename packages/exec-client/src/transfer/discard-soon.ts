import { systemClock } from "@holdfast/rpc";
import { settledWithin } from "../settled-within.ts";

/** How long the end of a transfer that was given up waits for the executor to remove what it has of it, milliseconds. */
const PATIENCE_MS = 1_000;

/**
 * Discard what was begun on the executor, and wait for it; not for long where the user has given up: an executor that does not answer
 * must not keep him. What it does not hear of now is removed with the session. Never rejects.
 */
export async function discardSoon(begun: { discard(): Promise<void> }, signal: AbortSignal): Promise<void> {
  const discarded = begun.discard();
  if (signal.aborted) await settledWithin(discarded, PATIENCE_MS, systemClock);
  else await discarded.catch(() => {});
}
