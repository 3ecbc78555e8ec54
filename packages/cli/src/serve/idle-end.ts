import { type Clock, systemClock, type Timer } from "@holdfast/rpc";
import { UsageError } from "../command-line/failure.ts";

/** A month. */
const MAX_SECONDS = 2_592_000;

/**
 * How long an executor without a session goes on, milliseconds; undefined: for good.
 *
 * @throws UsageError it is no number of seconds in range.
 */
export function idleTimeoutMs(text: string | undefined): number | undefined {
  if (text === undefined) return undefined;
  const seconds = Number(text);
  if (/^\d+(\.\d+)?$/.test(text) && seconds > 0 && seconds <= MAX_SECONDS) return seconds * 1_000;
  throw new UsageError(`--idle-timeout must be a number of seconds above 0, ${MAX_SECONDS} at most, not '${text}'`);
}

/** Tells when nobody was there for long, of those that are counted. It begins with nobody. */
export class IdleEnd {
  /** Resolves when it was for the whole time. */
  readonly ended: Promise<void>;
  readonly #timeoutMs: number;
  readonly #clock: Clock;
  readonly #end: () => void;
  #timer: Timer | undefined;

  /** @param timeoutMs - `Infinity` for never. */
  constructor(timeoutMs: number, clock: Clock = systemClock) {
    const { promise, resolve } = Promise.withResolvers<void>();
    this.ended = promise;
    this.#timeoutMs = timeoutMs;
    this.#clock = clock;
    this.#end = resolve;
    this.count(0);
  }

  /** There are this many now. */
  readonly count = (present: number): void => {
    this.#timer?.cancel();
    this.#timer = present > 0 ? undefined : this.#clock.after(this.#timeoutMs, this.#end);
  };
}
