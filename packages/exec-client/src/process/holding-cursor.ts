import { Fifo, Gate } from "@holdfast/rpc";
import { HoldAbove } from "@holdfast/rpc/client";
import { EVENT_OVERHEAD_BYTES, HOLD_LINE_MARKS, HOLD_PROCESS_MARKS } from "../limits.ts";
import { type CursorSource, EventCursor } from "./event-cursor.ts";
import type { LogReader } from "./event-log.ts";
import { eventBytes, type ProcessEvent } from "./events.ts";

/** What a holding cursor needs from its process. */
export interface HoldingSource extends CursorSource {
  /** Ask that nothing more of its output is sent, until the hold is released. What is on its way still comes. */
  holdOutput(): Disposable;
  /** Take nothing more from the connection that its output comes over, until the hold is released. */
  holdLine(): Disposable;
}

/**
 * One subscriber's events, kept until they are taken: none is lost, however slowly that is.
 *
 * While 4 MiB of them wait the process is held back, down to 1 MiB. Should much more come all the same, the connection is.
 */
export class HoldingCursor implements LogReader {
  readonly #source: HoldingSource;
  readonly #wants: (event: ProcessEvent) => boolean;
  readonly #queue = new Fifo<ProcessEvent>();
  readonly #news = new Gate();
  readonly #process: HoldAbove;
  readonly #line: HoldAbove;
  /** Reads back what the log had dropped before this subscriber came: all before `fromSeq`. */
  #older: EventCursor | undefined;
  readonly #fromSeq: number;
  #nextSeq: number;
  #queuedBytes = 0;
  #isOpen = true;

  /** @param wants - Other events are skipped, and hold nothing back. */
  constructor(source: HoldingSource, afterSeq: number, wants: (event: ProcessEvent) => boolean = () => true) {
    const { log } = source;
    this.#source = source;
    this.#wants = wants;
    this.#process = new HoldAbove(HOLD_PROCESS_MARKS, () => source.holdOutput());
    this.#line = new HoldAbove(HOLD_LINE_MARKS, () => source.holdLine());
    this.#fromSeq = Math.max(afterSeq + 1, log.firstSeq);
    this.#nextSeq = this.#fromSeq;
    if (afterSeq + 1 < log.firstSeq) this.#older = new EventCursor(source, afterSeq);
    log.attach(this);
    this.changed();
  }

  /** The next number to take from the log, which is always the newest. */
  get nextSeq(): number {
    return this.#nextSeq;
  }

  changed(): void {
    if (!this.#isOpen) return;
    const { log } = this.#source;
    for (let event = log.at(this.#nextSeq); event !== undefined; event = log.at(this.#nextSeq)) {
      this.#nextSeq += 1;
      if (!this.#wants(event)) continue;
      this.#queue.push(event);
      this.#count(eventBytes(event) + EVENT_OVERHEAD_BYTES);
    }
    this.#news.open();
  }

  /**
   * The next event; undefined after the closed event or `close()`.
   *
   * @throws OutputGapError the subscriber came when events were lost already. @throws unknown why the process's events failed.
   */
  async next(): Promise<ProcessEvent | undefined> {
    const older = await this.#nextOlder();
    if (older !== undefined) return older;
    while (this.#isOpen) {
      const event = this.#queue.shift();
      if (event !== undefined) {
        this.#count(-(eventBytes(event) + EVENT_OVERHEAD_BYTES));
        return event;
      }
      const { state } = this.#source.log;
      if (state.kind === "complete") break;
      if (state.kind === "failed") {
        this.close();
        throw state.error;
      }
      await this.#news.wait();
    }
    this.close();
    return undefined;
  }

  /** Let go of the process. A pending `next` answers undefined. */
  close(): void {
    if (!this.#isOpen) return;
    this.#isOpen = false;
    this.#source.log.detach(this);
    this.#older?.close();
    this.#queue.clear();
    this.#process.release();
    this.#line.release();
    this.#news.open();
  }

  async #nextOlder(): Promise<ProcessEvent | undefined> {
    while (this.#older !== undefined && this.#isOpen) {
      const event = this.#older.nextSeq < this.#fromSeq ? await this.#older.next().catch(this.#failed) : undefined;
      if (event === undefined || event.seq >= this.#fromSeq) {
        this.#older?.close();
        this.#older = undefined;
      } else if (this.#wants(event)) {
        return event;
      }
    }
    return undefined;
  }

  readonly #failed = (error: unknown): never => {
    this.close();
    throw error;
  };

  #count(bytes: number): void {
    this.#queuedBytes += bytes;
    this.#process.update(this.#queuedBytes);
    this.#line.update(this.#queuedBytes);
  }
}
