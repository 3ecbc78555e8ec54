import type { TerminalSize } from "./child.ts";
import type { InputBudget } from "./input-budget.ts";
import { type InputLimits, InputQueue, type InputSink, type WriteOutcome } from "./input-queue.ts";

export interface SharedInputOptions {
  readonly limits: InputLimits;
  /** What all processes together may hold. */
  readonly budget: InputBudget;
  /** Where all of it goes in the end. */
  readonly sink: InputSink;
  /** Size of the terminal at the start; undefined: there is none. */
  readonly size: TerminalSize | undefined;
  readonly resize: (size: TerminalSize) => void;
}

/** Who takes an input, known by its identity. */
type Taker = object;

/**
 * The input of a process, and the size of its terminal, which belong to its own client until another one takes them for a while.
 *
 * Meanwhile what its client writes is queued and goes nowhere; it follows when the input is given back.
 */
export class SharedInput {
  /** What the process's own client writes. */
  readonly own: InputQueue;
  readonly #options: SharedInputOptions;
  readonly #gate: Gate;
  readonly #watchers = new Set<() => void>();
  /** As its own client wants it, and as it is. */
  #ownSize: TerminalSize | undefined;
  #size: TerminalSize | undefined;
  #taken: { readonly by: Taker; readonly input: InputQueue } | undefined;
  #state: "open" | "broken" = "open";

  constructor(options: SharedInputOptions) {
    this.#options = options;
    this.#ownSize = options.size;
    this.#size = options.size;
    this.#gate = new Gate(options.sink);
    this.own = new InputQueue(options.limits, options.budget, this.#gate);
  }

  /** Who has taken it; undefined: its own client has it. */
  get taker(): Taker | undefined {
    return this.#taken?.by;
  }

  /** Of the terminal now. */
  get size(): TerminalSize | undefined {
    return this.#size;
  }

  /** Whether nothing that is written now is read: by a terminal, everything is, also after its end was asked for. */
  get isOver(): boolean {
    if (this.#state === "broken") return true;
    return this.#taken === undefined && this.#size === undefined && this.own.hasEnded;
  }

  /** Idempotent. @returns false when somebody else has it, or it is over. */
  take(by: Taker): boolean {
    if (this.#taken !== undefined) return this.#taken.by === by;
    if (this.isOver) return false;
    const { limits, budget, sink } = this.#options;
    this.#gate.close();
    // Its end is the end of this queue alone.
    this.#taken = {
      by,
      input: new InputQueue(limits, budget, { write: (...write) => sink.write(...write), end() {} }),
    };
    this.#changed();
    return true;
  }

  /** Nothing to do for somebody who has not taken it. */
  give(by: Taker): void {
    if (this.#taken?.by === by) this.takeBack();
  }

  /** Give it to its own client again, whoever has it. */
  takeBack(): void {
    if (this.#taken === undefined) return;
    this.#taken.input.break();
    this.#taken = undefined;
    if (this.#ownSize !== undefined) this.#resize(this.#ownSize);
    this.#gate.open();
    this.#changed();
  }

  /** @returns undefined for somebody who has not taken it; nobody has, once the process reads no more. */
  writeTaken(by: Taker, writeId: string, data: Buffer): WriteOutcome | Promise<WriteOutcome> | undefined {
    if (this.#state === "broken") return "broken";
    return this.#taken?.by === by ? this.#taken.input.push(writeId, data) : undefined;
  }

  /** Its own client wants the terminal to be of this size: now, or when it has the input again. */
  resizeOwn(size: TerminalSize): void {
    this.#ownSize = size;
    if (this.#taken === undefined) this.#resize(size);
  }

  /** @returns false for somebody who has not taken it. */
  resizeTaken(by: Taker, size: TerminalSize): boolean {
    if (this.#taken?.by !== by) return false;
    this.#resize(size);
    return true;
  }

  /** The process reads no more. */
  break(): void {
    this.#state = "broken";
    this.own.break();
    this.#taken?.input.break();
    this.#taken = undefined;
    this.#gate.open();
    this.#changed();
  }

  /** Call `changed` whenever somebody has taken it or it was given back, until the returned function is called. */
  watch(changed: () => void): () => void {
    this.#watchers.add(changed);
    return () => this.#watchers.delete(changed);
  }

  #resize(size: TerminalSize): void {
    const { rows, columns } = size;
    if (rows === this.#size?.rows && columns === this.#size.columns) return;
    this.#size = size;
    this.#options.resize(size);
  }

  #changed(): void {
    for (const changed of [...this.#watchers]) changed();
  }
}

/** Lets writes through in their order, or keeps them, within the bounds of the queue in front of it, until it is opened again. */
class Gate implements InputSink {
  readonly #sink: InputSink;
  #kept: Parameters<InputSink["write"]>[] = [];
  #isOpen = true;
  #hasEnded = false;

  constructor(sink: InputSink) {
    this.#sink = sink;
  }

  write(...write: Parameters<InputSink["write"]>): void {
    if (this.#isOpen) this.#sink.write(...write);
    else this.#kept.push(write);
  }

  end(): void {
    if (this.#isOpen) this.#sink.end();
    else this.#hasEnded = true;
  }

  close(): void {
    this.#isOpen = false;
  }

  open(): void {
    this.#isOpen = true;
    const kept = this.#kept;
    this.#kept = [];
    for (const write of kept) this.#sink.write(...write);
    if (!this.#hasEnded) return;
    this.#hasEnded = false;
    this.#sink.end();
  }
}
