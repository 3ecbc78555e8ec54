/** A pending timer of a {@link Clock}. */
export interface Timer {
  /** Stop the timer; a no-op once it has fired. */
  cancel(): void;
}

/**
 * Time as an argument. Everything that waits takes one, so that tests can drive time instead of sleeping.
 *
 * `now` is monotonic milliseconds with an arbitrary origin.
 */
export interface Clock {
  now(): number;
  /**
   * Call `fire` once, `delayMs` milliseconds from now: any number, `Infinity` for never. The timer does not keep the process
   * alive.
   */
  after(delayMs: number, fire: () => void): Timer;
}

/** The most that a timer of this platform takes, some 24 days; one that is set for longer fires at once. */
const PLATFORM_TIMER_MAX_MS = 2_147_483_647;

const NEVER: Timer = { cancel() {} };

/** The real clock of this process. */
export const systemClock: Clock = {
  now: () => performance.now(),
  after(delayMs, fire) {
    if (Number.isNaN(delayMs)) throw new RangeError("delayMs must be a number of milliseconds, not NaN");
    if (delayMs === Number.POSITIVE_INFINITY) return NEVER;
    if (delayMs > PLATFORM_TIMER_MAX_MS) return inStages(delayMs, fire);
    const handle = setTimeout(fire, Math.max(0, delayMs));
    // A number where the platform is a browser: nothing there waits for a timer to end.
    if (typeof handle === "object") handle.unref();
    return { cancel: () => clearTimeout(handle) };
  },
};

function inStages(delayMs: number, fire: () => void): Timer {
  let timer = systemClock.after(PLATFORM_TIMER_MAX_MS, () => {
    timer = systemClock.after(delayMs - PLATFORM_TIMER_MAX_MS, fire);
  });
  return { cancel: () => timer.cancel() };
}
