import { randomBytes } from "node:crypto";
import { type ResourceLimit, realtimeLimit, setRealtimeLimit, UNLIMITED } from "../platform/realtime-limit.ts";

/** 146,000 years in microseconds: whatever is above limits nothing, so its lower digits are free to mean something. */
const LOWEST_MARK = 1n << 62n;

/**
 * A number that every descendant of a start inherits and that others can read: through fork, exec, setsid and a lost
 * parent. It sits in the soft limit on real-time scheduling, in a range that limits nothing.
 */
export class DescentMark {
  /** Decimal digits, always nineteen. */
  readonly text: string;
  readonly #own: ResourceLimit;
  readonly #marked: ResourceLimit;
  readonly #unmarked: ResourceLimit;

  constructor(own: ResourceLimit) {
    const mark = LOWEST_MARK + (randomBytes(8).readBigUInt64LE() >> 2n);
    this.text = String(mark);
    this.#own = own;
    this.#marked = { soft: mark, hard: own.hard };
    this.#unmarked = { soft: UNLIMITED, hard: own.hard };
  }

  /** Children started meanwhile carry the mark; this process carries it no longer than that. */
  around<T>(start: () => T): T {
    return this.#under(this.#marked, start);
  }

  /** Children started meanwhile carry no mark, not even one that this process itself inherited from another executor. */
  without<T>(start: () => T): T {
    return this.#under(this.#unmarked, start);
  }

  #under<T>(limit: ResourceLimit, start: () => T): T {
    setRealtimeLimit(limit);
    try {
      return start();
    } finally {
      setRealtimeLimit(this.#own);
    }
  }
}

/**
 * A fresh mark, or in words why there can be none.
 */
export function createDescentMark(): DescentMark | string {
  if (process.platform !== "linux")
    return `${process.platform} has nothing that descendants inherit and others can read`;
  const own = realtimeLimit();
  if (own === undefined) return "the C library can't be called";
  // A limit that limits something belongs to whoever set it.
  if (own.soft < LOWEST_MARK || own.hard !== UNLIMITED) return "a limit on real-time scheduling is set";
  return new DescentMark(own);
}
