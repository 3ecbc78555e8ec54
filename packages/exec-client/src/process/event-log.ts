import { Fifo } from "@holdfast/rpc";
import { LAG_MAX_BYTES, LAG_MAX_EVENTS, REPLAY_MAX_BYTES, REPLAY_MAX_EVENTS } from "../limits.ts";
import { type ExitedEvent, eventBytes, type ProcessEvent } from "./events.ts";

/** `open`: more may come. `complete`: the closed event is in. `failed`: nothing more will come, for this reason. */
export type LogState =
  | { readonly kind: "open" }
  | { readonly kind: "complete" }
  | { readonly kind: "failed"; readonly error: unknown };

/** Who follows a log. What it has not taken is held back from being dropped. */
export interface LogReader {
  /** The next sequence number it will take. */
  readonly nextSeq: number;
  /** There is an event more, or there will be none. */
  changed(): void;
}

/**
 * The ordered events of one process, without holes, oldest dropped first.
 *
 * Late readers find the newest 256 events or 1 MiB. An attached reader holds back what it has not taken, up to
 * 16,384 events or 16 MiB. The exit is never lost: it is held beside the log.
 */
export class EventLog {
  #state: LogState = { kind: "open" };
  readonly #entries = new Fifo<ProcessEvent>();
  #firstSeq = 1;
  #bytes = 0;
  #droppedBytes = 0;
  /** Events before this one were never seen: how many bytes they had is unknown. */
  #beganAtSeq = 1;
  #exited: ExitedEvent | undefined;
  readonly #readers = new Set<LogReader>();

  get state(): LogState {
    return this.#state;
  }

  /** Sequence number of the oldest event held; one past the newest when nothing is. */
  get firstSeq(): number {
    return this.#firstSeq;
  }

  /** Sequence number of the newest event; 0 before the first. */
  get lastSeq(): number {
    return this.#firstSeq + this.#entries.length - 1;
  }

  /** Bytes of output dropped so far. */
  get droppedBytes(): number {
    return this.#droppedBytes;
  }

  /** Bytes of output held. */
  get bytes(): number {
    return this.#bytes;
  }

  /** Begin behind events that will never be seen; the exit may be one of them. Before the first append only. */
  beginAfter(seq: number, exited: ExitedEvent | undefined): void {
    this.#firstSeq = seq + 1;
    this.#beganAtSeq = seq + 1;
    this.#exited = exited;
  }

  /** Add the event after `lastSeq`. */
  append(event: ProcessEvent): void {
    if (this.#state.kind !== "open") return;
    this.#entries.push(event);
    this.#bytes += eventBytes(event);
    if (event.type === "exited") this.#exited = event;
    if (event.type === "closed") this.#state = { kind: "complete" };
    // Before anything is dropped: it may be this one.
    this.#tell();
    this.trim();
  }

  fail(error: unknown): void {
    if (this.#state.kind !== "open") return;
    this.#state = { kind: "failed", error };
    this.#tell();
  }

  /** The event with this number, if it is held. */
  at(seq: number): ProcessEvent | undefined {
    return seq >= this.#firstSeq ? this.#entries.at(seq - this.#firstSeq) : this.dropped(seq);
  }

  /** The exit, if it has this number and left the log. The close is last and stays in it. */
  dropped(seq: number): ProcessEvent | undefined {
    return seq < this.#firstSeq && this.#exited?.seq === seq ? this.#exited : undefined;
  }

  /** Where the exit is, once it was heard of. */
  get exitSeq(): number | undefined {
    return this.#exited?.seq;
  }

  /** Bytes of all output before `seq`, dropped or held; undefined when `seq` lies among the dropped, or not all was seen. */
  bytesBefore(seq: number): number | undefined {
    if (this.#beganAtSeq > 1) return undefined;
    if (seq === 1) return 0;
    if (seq < this.#firstSeq || seq > this.lastSeq + 1) return undefined;
    let bytes = this.#droppedBytes;
    for (let each = this.#firstSeq; each < seq; each += 1) {
      const event = this.at(each);
      if (event !== undefined) bytes += eventBytes(event);
    }
    return bytes;
  }

  attach(reader: LogReader): void {
    this.#readers.add(reader);
  }

  detach(reader: LogReader): void {
    if (this.#readers.delete(reader)) this.trim();
  }

  /** Drop what no bound allows to be held. */
  trim(): void {
    while (this.#entries.length > 0 && this.#mayDropOldest()) this.#dropOldest();
  }

  #mayDropOldest(): boolean {
    const count = this.#entries.length;
    if (count <= REPLAY_MAX_EVENTS && this.#bytes <= REPLAY_MAX_BYTES) return false;
    if (count > LAG_MAX_EVENTS || this.#bytes > LAG_MAX_BYTES) return true;
    for (const reader of this.#readers) if (reader.nextSeq <= this.#firstSeq) return false;
    return true;
  }

  #dropOldest(): void {
    const event = this.#entries.shift();
    if (event === undefined) return;
    this.#firstSeq += 1;
    this.#bytes -= eventBytes(event);
    this.#droppedBytes += eventBytes(event);
  }

  #tell(): void {
    for (const reader of this.#readers) reader.changed();
  }
}
