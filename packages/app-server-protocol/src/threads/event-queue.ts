import type { RunEvent, TurnNotice } from "./run-event.ts";
import { textLength } from "./text-length.ts";

/** Those whose text can be put together, by the members that have to be the same. */
const DELTAS: { readonly [Method in TurnNotice]?: string } = {
  "item/agentMessage/delta": "itemId",
  "item/plan/delta": "itemId",
  "item/reasoning/summaryTextDelta": "summaryIndex",
  "item/reasoning/textDelta": "contentIndex",
  "item/commandExecution/outputDelta": "itemId",
  "item/fileChange/outputDelta": "itemId",
};

/** Each tells the whole again: of those that wait, only the last is of use. */
const SUPERSEDING: ReadonlySet<TurnNotice> = new Set(["turn/diff/updated", "turn/plan/updated"]);

/** Entries that are gone are let go of from so many on. */
const TIDY_MIN = 1_024;

interface Entry {
  /** Undefined once it was read or left out. */
  event: RunEvent | undefined;
  length: number;
}

/**
 * What a reader of a turn did not take yet, in order and within a bound. Deltas that wait are put together; when the bound is reached
 * they are left out, because their items come whole at the end.
 */
export class EventQueue {
  readonly #maxLength: number;
  #entries: Entry[] = [];
  /** Those before it were read. */
  #head = 0;
  /** Of those that were read or left out, how many are still in the list. */
  #gone = 0;
  #length = 0;
  readonly #latest = new Map<TurnNotice, Entry>();
  #isOverrun = false;

  constructor(maxLength: number) {
    this.#maxLength = maxLength;
  }

  /** True when it had to let go of more than deltas: it is not complete. */
  get isOverrun(): boolean {
    return this.#isOverrun;
  }

  push(event: RunEvent): void {
    if (this.#isOverrun || this.#joinLast(event)) return;
    const entry: Entry = { event, length: textLength(event.params) };
    if (SUPERSEDING.has(event.method)) {
      const earlier = this.#latest.get(event.method);
      if (earlier !== undefined) this.#leaveOut(earlier);
      this.#latest.set(event.method, entry);
    }
    this.#entries.push(entry);
    this.#length += entry.length;
    this.#keepBound();
    this.#tidy();
  }

  shift(): RunEvent | undefined {
    while (this.#head < this.#entries.length) {
      const entry = this.#entries[this.#head++] as Entry;
      const { event } = entry;
      if (event === undefined) continue;
      this.#leaveOut(entry);
      this.#tidy();
      return event;
    }
    this.clear();
    return undefined;
  }

  clear(): void {
    this.#entries = [];
    this.#head = 0;
    this.#gone = 0;
    this.#length = 0;
    this.#latest.clear();
  }

  #joinLast(event: RunEvent): boolean {
    const key = DELTAS[event.method];
    const last = this.#head < this.#entries.length ? this.#entries.at(-1) : undefined;
    if (key === undefined || last?.event?.method !== event.method) return false;
    const [before, after] = [textOf(last.event), textOf(event)];
    if (before.itemId !== after.itemId || before[key] !== after[key]) return false;
    last.event = { ...event, params: { ...before, delta: before.delta + after.delta } } as unknown as RunEvent;
    last.length += after.delta.length;
    this.#length += after.delta.length;
    this.#keepBound();
    return true;
  }

  #keepBound(): void {
    if (this.#length <= this.#maxLength) return;
    for (const entry of this.#entries) {
      if (entry.event !== undefined && DELTAS[entry.event.method] !== undefined) this.#leaveOut(entry);
    }
    this.#tidy();
    if (this.#length <= this.#maxLength) return;
    this.clear();
    this.#isOverrun = true;
  }

  #leaveOut(entry: Entry): void {
    if (entry.event === undefined) return;
    entry.event = undefined;
    this.#length -= entry.length;
    entry.length = 0;
    this.#gone++;
  }

  /** Does the work of many at once, so that each costs next to nothing. */
  #tidy(): void {
    if (this.#gone <= TIDY_MIN || this.#gone * 2 <= this.#entries.length) return;
    this.#entries = this.#entries.filter(({ event }) => event !== undefined);
    this.#head = 0;
    this.#gone = 0;
  }
}

interface DeltaParams {
  readonly itemId: string;
  readonly delta: string;
  readonly [member: string]: unknown;
}

function textOf(event: RunEvent): DeltaParams {
  return event.params as unknown as DeltaParams;
}
