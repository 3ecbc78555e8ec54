import type { Clock, Timer } from "@holdfast/rpc";
import type { ManagedProcess } from "../process/index.ts";

/** A client that has not read for this long does not mean to. A whole handshake and a read fit in over a bad line. */
export const UNREAD_LIMIT_MS = 1_000;

/** From an answer until its client has surely taken it in. Nothing on the wire tells. */
export const SETTLE_MS = 100;

export interface CatchUpOptions {
  readonly delay: Pick<Clock, "after">;
  readonly line: { readonly writable: boolean; whenWritable(): Promise<void> };
  /** Its notices may flow. Called once for each. */
  readonly release: (process: ManagedProcess) => void;
}

/**
 * The processes that did something while no line was there, until the client has read what.
 *
 * A client parks what comes before that read is answered, and can park little: notices of a process that prints fast
 * would overrun it. They flow when it has read, or when it seems not to read at all.
 */
export class CatchUp {
  readonly #options: CatchUpOptions;
  readonly #unread: Set<ManagedProcess>;
  readonly #settling = new Map<ManagedProcess, Timer>();
  /** How far each was read. */
  readonly #cursors = new Map<ManagedProcess, number>();
  #patience: Timer | undefined;

  constructor(options: CatchUpOptions, processes: Iterable<ManagedProcess>) {
    this.#options = options;
    this.#unread = new Set(processes);
    this.#wait();
  }

  /** Its client reads after `afterSeq`; `isThrough` when there is no further read of this process to be expected. */
  read(process: ManagedProcess, afterSeq: number, isThrough: boolean): void {
    if (this.#unread.size === 0) return;
    // A client that reads one after the other has not come to the others yet. One that only polls holds nothing up.
    if (afterSeq > (this.#cursors.get(process) ?? -1)) {
      this.#cursors.set(process, isThrough || !this.#unread.has(process) ? Number.POSITIVE_INFINITY : afterSeq);
      this.#wait();
    }
    if (!isThrough || !this.#unread.delete(process)) return;
    const timer = this.#options.delay.after(SETTLE_MS, () => {
      this.#settling.delete(process);
      this.#options.release(process);
    });
    this.#settling.set(process, timer);
    if (this.#unread.size === 0) this.#patience?.cancel();
  }

  /** Release nothing any more. */
  end(): void {
    this.#patience?.cancel();
    for (const timer of this.#settling.values()) timer.cancel();
    this.#unread.clear();
    this.#settling.clear();
    this.#cursors.clear();
  }

  #wait(): void {
    this.#patience?.cancel();
    if (this.#unread.size > 0) this.#patience = this.#options.delay.after(UNREAD_LIMIT_MS, () => this.#giveUp());
  }

  #giveUp(): void {
    const { line, release } = this.#options;
    // It can't ask for the next one while an answer is still on its way.
    if (!line.writable) void line.whenWritable().then(() => this.#wait());
    else {
      for (const process of this.#unread) release(process);
      this.#unread.clear();
    }
  }
}
