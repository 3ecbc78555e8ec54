import { Gate } from "@holdfast/rpc";
import { asUint8Array } from "../as-uint8-array.ts";
import { OutputGapError } from "../errors.ts";
import type { EventLog, LogReader } from "./event-log.ts";
import { eventBytes, type ProcessEvent } from "./events.ts";
import type { ReadResult } from "./read-result.ts";

/** What a cursor needs from its process. */
export interface CursorSource {
  readonly processId: string;
  readonly log: EventLog;
  /** One `process/read` of everything retained after `afterSeq`, without waiting. */
  read(afterSeq: number): Promise<ReadResult>;
}

/**
 * The place in the events of a process of a subscriber that never holds the process back, and may therefore lose events.
 *
 * A cursor that finds its next event dropped asks the executor for it; what the executor dropped as well is an
 * {@link OutputGapError}.
 */
export class EventCursor implements LogReader {
  readonly #source: CursorSource;
  #nextSeq: number;
  /** Bytes of output before `nextSeq`, while that is known. */
  #bytesBefore: number | undefined;
  /** Events that were read back, oldest last. */
  #readBack: ProcessEvent[] = [];
  readonly #news = new Gate();
  #open = true;

  constructor(source: CursorSource, afterSeq: number) {
    this.#source = source;
    this.#nextSeq = afterSeq + 1;
    this.#bytesBefore = source.log.bytesBefore(this.#nextSeq);
    source.log.attach(this);
  }

  get nextSeq(): number {
    return this.#nextSeq;
  }

  changed(): void {
    this.#news.open();
  }

  /**
   * The next event; undefined after the closed event or `close()`.
   *
   * @throws OutputGapError events were lost to this subscriber. @throws unknown why the process's events failed.
   */
  async next(): Promise<ProcessEvent | undefined> {
    while (this.#open) {
      const { log } = this.#source;
      const event = this.#readBack.pop() ?? log.at(this.#nextSeq);
      if (event !== undefined) return this.#advance(event);
      if (this.#nextSeq < log.firstSeq) {
        await this.#fetchDropped();
        continue;
      }
      if (log.state.kind === "complete") break;
      if (log.state.kind === "failed") {
        this.close();
        throw log.state.error;
      }
      await this.#news.wait();
    }
    this.close();
    return undefined;
  }

  /** Let go of the log. A pending `next` answers undefined. */
  close(): void {
    if (!this.#open) return;
    this.#open = false;
    this.#readBack = [];
    this.#source.log.detach(this);
    this.#news.open();
  }

  #advance(event: ProcessEvent): ProcessEvent {
    this.#nextSeq = event.seq + 1;
    if (this.#bytesBefore !== undefined) this.#bytesBefore += eventBytes(event);
    return event;
  }

  /** Read back what the log dropped, from the executor's own window. */
  async #fetchDropped(): Promise<void> {
    const { log } = this.#source;
    let chunks: ReadResult["chunks"] = [];
    let cause: unknown;
    try {
      chunks = (await this.#source.read(this.#nextSeq - 1)).chunks;
    } catch (error) {
      cause = error;
    }
    if (!this.#open) return;
    // The log may have moved on during the read: what it holds now is taken from it, all before is here or lost.
    const found = new Map<number, ProcessEvent>();
    for (const chunk of chunks) {
      if (chunk.seq < this.#nextSeq || chunk.seq >= log.firstSeq) continue;
      const data = asUint8Array(chunk.chunk);
      found.set(chunk.seq, { type: "output", seq: chunk.seq, stream: chunk.stream, data });
    }
    this.#queueContiguous(found);
    if (this.#readBack.length === 0) this.#failGap(found, cause);
  }

  #queueContiguous(found: ReadonlyMap<number, ProcessEvent>): void {
    for (let seq = this.#nextSeq; ; seq += 1) {
      const event = found.get(seq) ?? this.#source.log.dropped(seq);
      if (event === undefined) break;
      this.#readBack.push(event);
    }
    this.#readBack.reverse();
  }

  #failGap(found: ReadonlyMap<number, ProcessEvent>, cause: unknown): never {
    const { log, processId } = this.#source;
    const fromSeq = this.#nextSeq;
    const present = [...found.keys(), log.exitSeq ?? log.firstSeq].filter((seq) => seq >= fromSeq);
    const toSeq = present.reduce((lowest, seq) => Math.min(lowest, seq), log.firstSeq) - 1;
    const missingBytes = log.exitSeq === toSeq + 1 ? undefined : this.#missingBytes(found);
    this.close();
    throw new OutputGapError({ processId, fromSeq, toSeq, missingBytes }, cause === undefined ? {} : { cause });
  }

  /** Valid for one gap, from here to the first event that was found. */
  #missingBytes(found: ReadonlyMap<number, ProcessEvent>): number | undefined {
    if (this.#bytesBefore === undefined) return undefined;
    let missing = this.#source.log.droppedBytes - this.#bytesBefore;
    for (const event of found.values()) missing -= eventBytes(event);
    return missing;
  }
}
