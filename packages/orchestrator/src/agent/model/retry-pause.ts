import { RETRY_FIRST_MS, RETRY_JITTER, RETRY_PAUSE_MAX_MS } from "./limits.ts";

/** Milliseconds before a retry: twice as long each time, and a tenth shorter or longer at random. @param retry - From 1 on. */
export function retryPauseMs(retry: number, random: () => number = Math.random): number {
  const factor = 1 - RETRY_JITTER + 2 * RETRY_JITTER * random();
  return Math.min(RETRY_FIRST_MS * 2 ** (retry - 1) * factor, RETRY_PAUSE_MAX_MS);
}
