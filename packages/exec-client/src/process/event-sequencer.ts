import { type Clock, isRemoteError, type Timer } from "@holdfast/rpc";
import { OutputGapError, ProcessEventsError } from "../errors.ts";
import { HOLE_TIMEOUT_MS } from "../limits.ts";
import type { ProcessEvent } from "./events.ts";
import { eventsOfRead } from "./events-of-read.ts";
import { originOfRead, type ReadOrigin } from "./origin-of-read.ts";
import type { ReadResult } from "./read-result.ts";
import { type IncomingEvent, ReorderBuffer } from "./reorder-buffer.ts";

/** What a sequencer needs from its surroundings. */
export interface SequencerPort {
  readonly processId: string;
  readonly clock: Clock;
  /** One `process/read` of everything retained after `afterSeq`, without waiting. */
  read(afterSeq: number): Promise<ReadResult>;
  /** Take the next event. Called strictly in order of `seq`. */
  publish(event: ProcessEvent): void;
  /** The order can not be kept: nothing more will be published. */
  fail(error: unknown): void;
  /** What becomes of numbers that nobody has any more. `pass`: they are left out, an exit among them. Default `fail`. */
  readonly gaps?: "fail" | "pass" | undefined;
}

/** One `process/read` that is under way. */
interface Reading {
  readonly kind: "reading";
  readonly afterSeq: number;
  readonly exitWaits: boolean;
}

/**
 * `live`: takes events. `reading`: also waits for one `process/read`. `suspended`: the line broke, so what is missing is
 * for the catch-up to find. `done`: closed or failed, takes nothing.
 */
type SequencerState = { readonly kind: "live" } | Reading | { readonly kind: "suspended" } | { readonly kind: "done" };

/**
 * Puts the events of one process in order: each once, none skipped.
 *
 * Complete pushed streams cost no request. One `process/read` is made when a number stays missing for 250 ms, and when
 * the exit of an older executor lacks `sandboxDenied`.
 */
export class EventSequencer {
  #state: SequencerState = { kind: "live" };
  #lastSeq = 0;
  #exitSeq: number | undefined;
  #holeTimer: Timer | undefined;
  readonly #parked = new ReorderBuffer();
  readonly #port: SequencerPort;

  constructor(port: SequencerPort) {
    this.#port = port;
  }

  /** The last sequence number that was published. */
  get lastSeq(): number {
    return this.#lastSeq;
  }

  /** Begin with what this read of everything after `afterSeq` still has. Before the first event is published only. */
  beginWith(result: ReadResult, afterSeq: number): ReadOrigin {
    const origin = originOfRead(result, { afterSeq, parked: this.#parked });
    this.#lastSeq = origin.lastSeq;
    this.#exitSeq = origin.exited?.seq;
    this.#parked.dropUpTo(origin.lastSeq);
    return origin;
  }

  /** Take an event from the connection, in any order; duplicates are dropped. */
  accept(event: IncomingEvent): void {
    if (this.#state.kind === "done" || event.seq <= this.#lastSeq) return;
    if (event.seq === this.#lastSeq + 1 && this.#parked.size === 0 && isWhole(event)) {
      this.#publish(event);
      return;
    }
    this.#parked.park(event);
    const overflow = this.#parked.overflowOf(this.#state.kind === "suspended" ? "catch-up" : "live");
    if (overflow === undefined) this.#drain();
    else this.#fail(new ProcessEventsError("reorder-overflow", this.#port.processId, overflow));
  }

  /** The line broke: no hole is looked at, and an answer that is still awaited no longer counts. */
  suspend(): void {
    if (this.#state.kind === "done") return;
    this.#state = { kind: "suspended" };
    this.#cancelHoleTimer();
  }

  /**
   * Take what the executor retained while there was no line. A hole that is left has no other source and is final.
   *
   * @param afterSeq - What was asked for: `lastSeq` at that time.
   */
  catchUp(result: ReadResult, afterSeq: number): void {
    if (this.#state.kind !== "suspended") return;
    const throughSeq = result.nextSeq - 1;
    if (throughSeq < afterSeq) {
      this.#protocolError(`a read ends at ${throughSeq}, before ${afterSeq} that was already published`);
      return;
    }
    if (result.exited) this.#parked.completeExit(result.sandboxDenied ?? false);
    const found = eventsOfRead(result, { lastSeq: this.#lastSeq, exitSeq: this.#exitSeq, parked: this.#parked });
    if (found.kind === "contradiction") {
      this.#protocolError(found.reason);
      return;
    }
    for (const event of found.events) this.#parked.park(event);
    this.#drain();
    while (this.#isSuspended() && this.#lastSeq < throughSeq) this.#gap({ throughSeq });
  }

  /** A line is there again: holes are looked at as before. */
  resume(): void {
    if (this.#state.kind !== "suspended") return;
    this.#state = { kind: "live" };
    this.#drain();
  }

  /** Give up on the order of events for this reason. */
  fail(error: unknown): void {
    if (this.#state.kind !== "done") this.#fail(error);
  }

  /** Stop: what is parked is dropped. */
  stop(): void {
    this.#state = { kind: "done" };
    this.#parked.clear();
    this.#cancelHoleTimer();
  }

  #publish(event: ProcessEvent): void {
    const breach = this.#breachOf(event);
    if (breach !== undefined) {
      this.#protocolError(breach);
      return;
    }
    if (event.type === "exited") this.#exitSeq = event.seq;
    this.#lastSeq = event.seq;
    if (event.type === "closed") this.stop();
    this.#port.publish(event);
  }

  #breachOf(event: ProcessEvent): string | undefined {
    const exitSeq = this.#exitSeq;
    if (event.type === "closed" && exitSeq === undefined && this.#port.gaps !== "pass") {
      return `closed at ${event.seq} without an exit`;
    }
    if (event.type !== "exited" || exitSeq === undefined) return undefined;
    return `a second exit at ${event.seq}, after the one at ${exitSeq}`;
  }

  /** Publish what is contiguous, then see to what holds up the rest. */
  #drain(): void {
    while (this.#state.kind !== "done") {
      const event = this.#parked.peek(this.#lastSeq + 1);
      if (event === undefined) break;
      if (!isWhole(event)) {
        this.#cancelHoleTimer();
        this.#readBack();
        return;
      }
      this.#parked.take(event.seq);
      this.#cancelHoleTimer();
      this.#publish(event);
    }
    if (this.#parked.size > 0) this.#armHoleTimer();
  }

  #armHoleTimer(): void {
    if (this.#state.kind !== "live") return;
    this.#holeTimer ??= this.#port.clock.after(HOLE_TIMEOUT_MS, () => {
      this.#holeTimer = undefined;
      this.#readBack();
    });
  }

  #cancelHoleTimer(): void {
    this.#holeTimer?.cancel();
    this.#holeTimer = undefined;
  }

  #readBack(): void {
    if (this.#state.kind !== "live") return;
    const exitWaits = this.#parked.find("exited") !== undefined;
    const reading: Reading = { kind: "reading", afterSeq: this.#lastSeq, exitWaits };
    this.#state = reading;
    this.#port.read(this.#lastSeq).then(
      (result) => this.#merge(reading, result),
      (error: unknown) => this.#readFailed(reading, error),
    );
  }

  #merge(reading: Reading, result: ReadResult): void {
    if (this.#state !== reading) return;
    const { afterSeq, exitWaits } = reading;
    this.#state = { kind: "live" };
    // Absent means false on this wire. Whatever the answer says, no second one is requested.
    if (exitWaits) this.#parked.completeExit(result.sandboxDenied ?? false);
    const found = eventsOfRead(result, { lastSeq: this.#lastSeq, exitSeq: this.#exitSeq, parked: this.#parked });
    if (found.kind === "contradiction") {
      this.#protocolError(found.reason);
      return;
    }
    this.#takeContiguous(found.events);
    this.#drain();
    if (this.#isStuckAt(afterSeq)) this.#gap();
  }

  /** What lies behind a further hole is left to its own notice: parking a whole read could overflow the buffer. */
  #takeContiguous(events: readonly IncomingEvent[]): void {
    for (const event of events) {
      this.#drain();
      if (event.seq === this.#lastSeq + 1) this.#parked.park(event);
    }
  }

  /** Nothing has moved since the read, and no other one has begun. */
  #isStuckAt(seq: number): boolean {
    return this.#state.kind === "live" && this.#lastSeq === seq && this.#parked.size > 0;
  }

  #isSuspended(): boolean {
    return this.#state.kind === "suspended";
  }

  /** The number was missing for its time, and the executor does not have it either. */
  #gap({ throughSeq = Number.POSITIVE_INFINITY, cause }: { throughSeq?: number; cause?: unknown } = {}): void {
    const fromSeq = this.#lastSeq + 1;
    const toSeq = Math.min(this.#parked.lowestSeq - 1, throughSeq);
    if (this.#port.gaps === "pass") {
      // Nothing is missing before an exit that lacks a member which nobody can add.
      if (toSeq < fromSeq) this.#parked.completeExit(false);
      this.#lastSeq = Math.max(this.#lastSeq, toSeq);
      this.#drain();
      return;
    }
    const gap = { processId: this.#port.processId, fromSeq, toSeq, missingBytes: undefined };
    this.#fail(new OutputGapError(gap, cause === undefined ? {} : { cause }));
  }

  #readFailed(reading: Reading, error: unknown): void {
    if (this.#state !== reading) return;
    const { afterSeq } = reading;
    this.#state = { kind: "live" };
    if (!isRemoteError(error)) {
      this.#fail(error);
      return;
    }
    // The executor has forgotten the process, so nothing more is known about the exit than the notice said.
    this.#parked.completeExit(false);
    this.#drain();
    if (this.#isStuckAt(afterSeq)) this.#gap({ cause: error });
  }

  #protocolError(reason: string): void {
    this.#fail(new ProcessEventsError("protocol", this.#port.processId, reason));
  }

  #fail(error: unknown): void {
    this.stop();
    this.#port.fail(error);
  }
}

function isWhole(event: IncomingEvent): event is ProcessEvent {
  return event.type !== "exited" || event.sandboxDenied !== undefined;
}
