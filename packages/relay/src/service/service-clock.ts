import { type Clock, systemClock } from "@holdfast/rpc";

/**
 * Both kinds of time. What is over after a while in this process is counted by the clock that only grows; what others were told, or a file says, by the
 * time of day, which may be set.
 */
export interface ServiceClock extends Clock {
  /** Unix milliseconds. */
  wallNow(): number;
}

export const systemServiceClock: ServiceClock = {
  now: () => systemClock.now(),
  after: (delayMs, fire) => systemClock.after(delayMs, fire),
  wallNow: () => Date.now(),
};
