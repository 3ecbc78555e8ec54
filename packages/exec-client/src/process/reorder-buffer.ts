import { CATCH_UP_MAX_BYTES, CATCH_UP_MAX_EVENTS, REORDER_MAX_BYTES, REORDER_MAX_EVENTS } from "../limits.ts";
import { eventBytes, type ProcessEvent } from "./events.ts";

/** An exit whose `sandboxDenied` an older executor left out. */
export interface LegacyExit {
  readonly type: "exited";
  readonly seq: number;
  readonly exitCode: number;
  readonly sandboxDenied: undefined;
}

/** An event as it arrived: it may still lack `sandboxDenied`. */
export type IncomingEvent = ProcessEvent | LegacyExit;

/** How many events, and how many bytes of output, may be parked. */
interface ParkingBounds {
  readonly maxEvents: number;
  readonly maxBytes: number;
}

const LIVE_BOUNDS: ParkingBounds = { maxEvents: REORDER_MAX_EVENTS, maxBytes: REORDER_MAX_BYTES };
const CATCH_UP_BOUNDS: ParkingBounds = { maxEvents: CATCH_UP_MAX_EVENTS, maxBytes: CATCH_UP_MAX_BYTES };

/**
 * Events of one process that wait for their turn, by sequence number. At most 256, and at most 1 MiB of output; more
 * while the process is caught up with after a lost connection.
 */
export class ReorderBuffer {
  readonly #parked = new Map<number, IncomingEvent>();
  #bytes = 0;

  get size(): number {
    return this.#parked.size;
  }

  /** What a park over the bounds of this phase would say, or undefined while there is room. */
  overflowOf(phase: "live" | "catch-up"): string | undefined {
    const { maxEvents, maxBytes } = phase === "live" ? LIVE_BOUNDS : CATCH_UP_BOUNDS;
    if (this.#parked.size > maxEvents) return `process event reorder buffer exceeds ${maxEvents} entries`;
    if (this.#bytes > maxBytes) return `process event reorder buffer exceeds ${maxBytes} bytes`;
    return undefined;
  }

  /** The lowest parked number; infinity when nothing is parked. */
  get lowestSeq(): number {
    let lowest = Number.POSITIVE_INFINITY;
    for (const seq of this.#parked.keys()) lowest = Math.min(lowest, seq);
    return lowest;
  }

  /** The parked numbers, in no order. */
  get seqs(): Iterable<number> {
    return this.#parked.keys();
  }

  /** Forget what is parked up to this number. */
  dropUpTo(seq: number): void {
    for (const each of [...this.#parked.keys()]) if (each <= seq) this.take(each);
  }

  /** How many parked events have a number from `fromSeq` to `toSeq` that `others` lacks. */
  countBetween(fromSeq: number, toSeq: number, others: ReadonlySet<number>): number {
    let count = 0;
    for (const seq of this.#parked.keys()) if (seq >= fromSeq && seq <= toSeq && !others.has(seq)) count += 1;
    return count;
  }

  peek(seq: number): IncomingEvent | undefined {
    return this.#parked.get(seq);
  }

  /** Keep an event for later; one that is already here is not replaced. */
  park(event: IncomingEvent): void {
    if (this.#parked.has(event.seq)) return;
    this.#parked.set(event.seq, event);
    this.#bytes += eventBytes(event);
  }

  take(seq: number): IncomingEvent | undefined {
    const event = this.#parked.get(seq);
    if (event === undefined) return undefined;
    this.#parked.delete(seq);
    this.#bytes -= eventBytes(event);
    return event;
  }

  /** The parked event of this kind; there is at most one exit and one close. */
  find(type: "exited" | "closed"): IncomingEvent | undefined {
    for (const event of this.#parked.values()) if (event.type === type) return event;
    return undefined;
  }

  /** Give a parked exit what it lacked. */
  completeExit(sandboxDenied: boolean): void {
    const exit = this.find("exited");
    if (exit?.type === "exited" && exit.sandboxDenied === undefined) {
      this.#parked.set(exit.seq, { ...exit, sandboxDenied });
    }
  }

  clear(): void {
    this.#parked.clear();
    this.#bytes = 0;
  }
}
