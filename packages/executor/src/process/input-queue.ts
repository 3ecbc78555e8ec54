/** Bounds of one process's standard input. */
export interface InputLimits {
  /** Accepted writes that the child has not taken yet. */
  readonly maxQueuedWrites: number;
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
  /** Too many writes wait already. */
  | "refused";

interface Waiting {
  readonly writeId: string;
  readonly data: Buffer;
  readonly settle: (outcome: WriteOutcome) => void;
}

/**
 * The writes of one process, in the order in which they were asked for.
 *
 * A child that does not read fills its pipe, then this queue; further writes wait, in order, and hold up nobody else.
 */
export class InputQueue {
  readonly #limits: InputLimits;
  readonly #write: (data: Buffer, written: () => void) => void;
  readonly #waiting: Waiting[] = [];
  readonly #accepted = new Set<string>();
  #queued = 0;
  #state: "open" | "broken" = "open";

  constructor(limits: InputLimits, write: (data: Buffer, written: () => void) => void) {
    this.#limits = limits;
    this.#write = write;
  }

  /** The id was accepted before: nothing is written again, also after the child has ended. */
  isKnown(writeId: string): boolean {
    return this.#accepted.has(writeId);
  }

  push(writeId: string, data: Buffer): WriteOutcome | Promise<WriteOutcome> {
    if (this.#accepted.has(writeId)) return "accepted";
    if (this.#state === "broken") return "broken";
    if (this.#waiting.length === 0 && this.#queued < this.#limits.maxQueuedWrites) return this.#accept(writeId, data);
    if (this.#waiting.length >= this.#limits.maxWaitingWrites) return "refused";
    return new Promise((settle) => this.#waiting.push({ writeId, data, settle }));
  }

  /** The child no longer reads: what waits is told so. */
  break(): void {
    this.#state = "broken";
    for (const { settle, writeId } of this.#waiting.splice(0)) settle(this.isKnown(writeId) ? "accepted" : "broken");
  }

  #accept(writeId: string, data: Buffer): "accepted" {
    this.#remember(writeId);
    if (data.length === 0) return "accepted";
    this.#queued++;
    this.#write(data, () => {
      this.#queued--;
      this.#advance();
    });
    return "accepted";
  }

  #advance(): void {
    while (this.#state === "open" && this.#queued < this.#limits.maxQueuedWrites) {
      const next = this.#waiting.shift();
      if (next === undefined) return;
      next.settle(this.isKnown(next.writeId) ? "accepted" : this.#accept(next.writeId, next.data));
    }
  }

  #remember(writeId: string): void {
    this.#accepted.add(writeId);
    if (this.#accepted.size <= this.#limits.maxRememberedWriteIds) return;
    const [oldest] = this.#accepted;
    if (oldest !== undefined) this.#accepted.delete(oldest);
  }
}
