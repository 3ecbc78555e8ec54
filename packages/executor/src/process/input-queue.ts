import type { HandedBytes, OutgoingBytes } from "../platform/handed-bytes.ts";
import { HeldInput } from "./held-input.ts";
import type { InputBudget } from "./input-budget.ts";

/** Bounds of one process's standard input. */
export interface InputLimits {
  /** Accepted writes that the child has not taken yet. */
  readonly maxQueuedWrites: number;
  /** Bytes of accepted writes that the child has not taken yet; a single write may be larger. */
  readonly maxQueuedInputBytes: number;
  /** Bytes of accepted and of waiting writes; what goes beyond is refused. A single write may be larger. */
  readonly maxHeldInputBytes: number;
  /** Writes that wait for a place in that queue; one more is refused. */
  readonly maxWaitingWrites: number;
  /** Ids of accepted writes that are remembered, first in first out. */
  readonly maxRememberedWriteIds: number;
}

/** What became of one write. */
export type WriteOutcome =
  /** Queued for the child, or known already under the same id. */
  | "accepted"
  /** The child no longer reads, or has ended. */
  | "broken"
  /** So much waits already that nothing more is held: the bound, for people. */
  | { readonly busy: string }
  /** The end of the input was asked for before. */
  | "ended";

/** Where the input of a child goes. */
export interface InputSink {
  /** Called with one write after the other; `written` when the child's end has taken it or is gone. */
  write(data: Buffer, written: () => void): void;
  /** Called once, when nothing more comes and everything is written. */
  end(): void;
}

/** A queue that another program goes on with. */
export interface HandedInput {
  /** In the order of acceptance. Those of writes that waited are among them: they are accepted by that. */
  readonly acceptedIds: readonly string[];
  /** What waited. */
  readonly waiting: HandedBytes;
  readonly isBroken: boolean;
  readonly end: "open" | "asked" | "ended";
}

interface Waiting {
  readonly writeId: string;
  readonly data: Buffer;
  readonly settle: (outcome: WriteOutcome) => void;
}

/**
 * The writes of one process, in the order in which they were asked for.
 *
 * A child that does not read fills its pipe, then this queue; further writes wait, in order, and hold up no other process.
 */
export class InputQueue {
  readonly #limits: InputLimits;
  readonly #held: HeldInput;
  readonly #sink: InputSink;
  readonly #waiting: Waiting[] = [];
  readonly #accepted = new Set<string>();
  #queued = 0;
  #queuedBytes = 0;
  #state: "open" | "broken" = "open";
  /** `asked`: once everything is written. */
  #end: "open" | "asked" | "ended" = "open";

  /** @param shared - What all processes together may hold. */
  constructor(limits: InputLimits, shared: InputBudget, sink: InputSink) {
    this.#limits = limits;
    this.#held = new HeldInput(limits.maxHeldInputBytes, shared);
    this.#sink = sink;
  }

  /** The id was accepted before: nothing is written again, also after the child has ended. */
  isKnown(writeId: string): boolean {
    return this.#accepted.has(writeId);
  }

  /** The end was asked for, and everything before it is written. */
  get hasEnded(): boolean {
    return this.#end === "ended";
  }

  push(writeId: string, data: Buffer): WriteOutcome | Promise<WriteOutcome> {
    if (this.#accepted.has(writeId)) return "accepted";
    if (this.#end !== "open") return "ended";
    if (this.#state === "broken") return "broken";
    const mayPass = this.#waiting.length === 0 && this.#hasRoomFor(data);
    const { maxWaitingWrites, maxHeldInputBytes } = this.#limits;
    if (!mayPass && this.#waiting.length >= maxWaitingWrites) {
      return { busy: `${maxWaitingWrites} writes wait already (maxWaitingWrites)` };
    }
    if (!this.#held.take(data.length)) {
      return this.#held.isFullWith(data.length)
        ? { busy: `${maxHeldInputBytes} bytes may wait (maxHeldInputBytes)` }
        : { busy: `${this.#held.sharedBytes} bytes may wait for all processes (maxAllHeldInputBytes)` };
    }
    const own = withoutTheRest(data);
    if (mayPass) return this.#accept(writeId, own);
    return new Promise((settle) => this.#waiting.push({ writeId, data: own, settle }));
  }

  /** For the next program. */
  handOver(bytes: OutgoingBytes): HandedInput {
    const fresh = this.#waiting.filter(({ writeId }) => !this.#accepted.has(writeId));
    return {
      acceptedIds: [...this.#accepted, ...fresh.map(({ writeId }) => writeId)],
      waiting: bytes.put(...fresh.map(({ data }) => data)),
      isBroken: this.#state === "broken",
      end: this.#end,
    };
  }

  /**
   * Go on where another program stopped. To be called first.
   *
   * @param data - What was accepted and the child has not taken, and what waited.
   * @param isEndTold - Whether the end, once it was reached, needs not be told again.
   */
  adopt(
    { acceptedIds, isBroken, end }: Omit<HandedInput, "waiting">,
    data: Buffer,
    { isEndTold }: { readonly isEndTold: boolean },
  ): void {
    for (const id of acceptedIds) this.#remember(id);
    if (isBroken) this.#state = "broken";
    this.#end = end === "ended" && !isEndTold ? "asked" : end;
    if (data.length > 0) {
      this.#held.takeAnyway(data.length);
      this.#queue(data);
    } else this.#endIfWritten();
  }

  /** Nothing is taken from now on; what was asked for before is written first. Idempotent. */
  end(): void {
    if (this.#end !== "open") return;
    this.#end = "asked";
    this.#endIfWritten();
  }

  /** The child no longer reads: what waits is told so. */
  break(): void {
    this.#state = "broken";
    for (const waiting of this.#waiting.splice(0)) this.#drop(waiting);
  }

  #hasRoomFor(data: Buffer): boolean {
    const { maxQueuedWrites, maxQueuedInputBytes } = this.#limits;
    if (this.#queued === 0) return true;
    return this.#queued < maxQueuedWrites && this.#queuedBytes + data.length <= maxQueuedInputBytes;
  }

  /** It never was queued. */
  #drop({ writeId, data, settle }: Waiting): void {
    this.#held.giveBack(data.length);
    settle(this.isKnown(writeId) ? "accepted" : "broken");
  }

  #accept(writeId: string, data: Buffer): "accepted" {
    this.#remember(writeId);
    if (data.length > 0) this.#queue(data);
    return "accepted";
  }

  #queue(data: Buffer): void {
    this.#queued++;
    this.#queuedBytes += data.length;
    this.#sink.write(data, () => {
      this.#queued--;
      this.#queuedBytes -= data.length;
      this.#held.giveBack(data.length);
      this.#advance();
      this.#endIfWritten();
    });
  }

  #advance(): void {
    while (this.#state === "open") {
      const [next] = this.#waiting;
      if (next === undefined || !this.#hasRoomFor(next.data)) return;
      this.#waiting.shift();
      if (this.isKnown(next.writeId)) this.#drop(next);
      else next.settle(this.#accept(next.writeId, next.data));
    }
  }

  #endIfWritten(): void {
    if (this.#end !== "asked" || this.#queued > 0 || this.#waiting.length > 0) return;
    this.#end = "ended";
    this.#sink.end();
  }

  #remember(writeId: string): void {
    this.#accepted.add(writeId);
    if (this.#accepted.size <= this.#limits.maxRememberedWriteIds) return;
    const [oldest] = this.#accepted;
    if (oldest !== undefined) this.#accepted.delete(oldest);
  }
}

/** A short piece of a large frame would keep all of the frame's memory. */
function withoutTheRest(data: Buffer): Buffer {
  if (data.length * 2 >= data.buffer.byteLength) return data;
  const copy = Buffer.allocUnsafeSlow(data.length);
  data.copy(copy);
  return copy;
}
