import { randomInt } from "node:crypto";
import { NO_C_LIBRARY } from "../platform/c-library.ts";
import { type ResourceLimit, realtimeLimit, setRealtimeLimit, UNLIMITED } from "../platform/realtime-limit.ts";

/** 146,000 years in microseconds: what is above limits nothing, so its digits are free to mean something. */
const LOWEST_MARK = 1n << 62n;
/** Of the ten digits that name an executor: with any nine behind them they stay above that, and below the highest limit. */
const [LOWEST_PREFIX, ABOVE_PREFIXES] = [4_611_686_019, 9_223_372_036];
const SERIALS = 1_000_000_000;

/** What children are started with that are never ended by their number. */
export const NO_SERIAL = 0;

/**
 * A number that every descendant of a start inherits and that others can read: through fork, exec, setsid and a lost
 * parent. It sits in the soft limit on real-time scheduling, in a range that limits nothing. Its first digits name the
 * executor, its last nine tell one start from another.
 */
export class DescentMark {
  /** The digits that all descendants share, always ten. */
  readonly text: string;
  readonly #own: ResourceLimit;
  readonly #first: bigint;

  /** @param prefix - Of another program in this very process; a new one when absent. */
  constructor(own: ResourceLimit, prefix: number = randomInt(LOWEST_PREFIX, ABOVE_PREFIXES)) {
    this.text = String(prefix);
    this.#own = own;
    this.#first = BigInt(prefix) * BigInt(SERIALS);
  }

  /**
   * Children started meanwhile carry the mark; this process carries it no longer than that.
   *
   * @param serial - Its last nine digits.
   */
  around<T>(start: () => T, serial = NO_SERIAL): T {
    return this.#under(this.#first + BigInt(serial), start);
  }

  /** Children started meanwhile carry no mark, not even one that this process itself inherited from another executor. */
  without<T>(start: () => T): T {
    return this.#under(UNLIMITED, start);
  }

  #under<T>(soft: bigint, start: () => T): T {
    setRealtimeLimit({ soft, hard: this.#own.hard });
    try {
      return start();
    } finally {
      setRealtimeLimit(this.#own);
    }
  }
}

/**
 * A mark, or in words why there can be none.
 *
 * @param text - Of another program in this very process; a fresh one when absent.
 */
export function createDescentMark(text?: string): DescentMark | string {
  if (process.platform !== "linux")
    return `${process.platform} has nothing that descendants inherit and others can read`;
  const own = realtimeLimit();
  if (own === undefined) return NO_C_LIBRARY;
  // A limit that limits something is left as it was set.
  if (own.soft < LOWEST_MARK || own.hard !== UNLIMITED) return "a limit on real-time scheduling is set";
  return new DescentMark(own, text === undefined ? undefined : Number(text));
}
