import type { Clock, Timer } from "@holdfast/rpc";

/** The most that a timer of this platform takes; one that is set for longer fires at once. Some 24 days. */
const TIMER_MAX_MS = 2_147_483_647;

/** As `clock.after`, for any time. */
export function afterAny(clock: Pick<Clock, "after">, delayMs: number, fire: () => void): Timer {
  const wait = (leftMs: number): Timer =>
    leftMs <= TIMER_MAX_MS
      ? clock.after(leftMs, fire)
      : clock.after(TIMER_MAX_MS, () => {
          timer = wait(leftMs - TIMER_MAX_MS);
        });
  let timer = wait(delayMs);
  return { cancel: () => timer.cancel() };
}
