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
  /** Call `fire` once, `delayMs` milliseconds from now. The timer does not keep the process alive. */
  after(delayMs: number, fire: () => void): Timer;
}

/** The real clock of this process. */
export const systemClock: Clock = {
  now: () => performance.now(),
  after(delayMs, fire) {
    const handle = setTimeout(fire, delayMs);
    handle.unref();
    return { cancel: () => clearTimeout(handle) };
  },
};
