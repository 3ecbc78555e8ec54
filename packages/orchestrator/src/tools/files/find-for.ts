import { type Clock, systemClock } from "@holdfast/rpc";
import { FIND_MAX_MS } from "./limits.ts";

/** What lists and searches pass by: large, and seldom meant. */
export const LEFT_OUT = { patterns: ["**/.git/*", "**/node_modules/*"], text: "what is in .git and node_modules" };

const MS_PER_SECOND = 1_000;

/**
 * Look for something for {@link FIND_MAX_MS} at most.
 *
 * @returns What to say when the time was up, empty otherwise. What was found by then counts.
 */
export async function findFor(
  signal: AbortSignal,
  find: (signal: AbortSignal) => Promise<void>,
  clock: Clock = systemClock,
): Promise<string> {
  const late = new AbortController();
  const timer = clock.after(FIND_MAX_MS, () => late.abort());
  try {
    await find(AbortSignal.any([signal, late.signal]));
    return "";
  } catch (error) {
    if (!late.signal.aborted || signal.aborted) throw error;
    return `[stopped after ${FIND_MAX_MS / MS_PER_SECOND} s: there may be more; narrow it by path or pattern]`;
  } finally {
    timer.cancel();
  }
}
