import type { ManagedProcess, OutputChunk, ProcessSink } from "../process/index.ts";

/** Where the notices of a session go while a connection holds it. */
export interface NoticeLine {
  notify(method: string, params: unknown): void;
  /** False when producers should wait for `whenWritable`. */
  readonly writable: boolean;
  whenWritable(): Promise<void>;
}

/** Stops and restarts the output of all processes of the session. */
export interface OutputValve {
  pauseOutput(): void;
  resumeOutput(): void;
}

/** Where notices go. `discarding`: nobody holds the session; the processes keep what can be read later. */
type NotifierState =
  | { readonly kind: "discarding" }
  | { readonly kind: "flowing"; readonly line: NoticeLine }
  | { readonly kind: "holding"; readonly line: NoticeLine };

/**
 * Turns what happens to processes into notices, in the order of their numbers, for whoever holds the session now.
 *
 * A line that does not keep up closes the valve: children block on their full pipes, and nothing piles up here. A line
 * that is gone opens it.
 */
export class Notifier implements ProcessSink {
  readonly #valve: OutputValve;
  readonly #closed: (process: ManagedProcess) => void;
  #state: NotifierState = { kind: "discarding" };

  constructor(valve: OutputValve, closed: (process: ManagedProcess) => void) {
    this.#valve = valve;
    this.#closed = closed;
  }

  get holding(): boolean {
    return this.#state.kind === "holding";
  }

  output(process: ManagedProcess, chunk: OutputChunk): void {
    if (this.#state.kind === "discarding") return;
    const { line } = this.#state;
    line.notify("process/output", {
      processId: process.id,
      seq: chunk.seq,
      stream: chunk.stream,
      chunk: chunk.data.toString("base64"),
    });
    if (this.#state.kind === "flowing" && !line.writable) this.#hold(line);
  }

  exited(process: ManagedProcess, seq: number, exitCode: number, sandboxDenied: boolean): void {
    if (this.#state.kind === "discarding") return;
    this.#state.line.notify("process/exited", { processId: process.id, seq, exitCode, sandboxDenied });
  }

  closed(process: ManagedProcess, seq: number): void {
    if (this.#state.kind !== "discarding") {
      this.#state.line.notify("process/closed", { processId: process.id, seq });
    }
    this.#closed(process);
  }

  /** From the next event on, notices go to this line. */
  attach(line: NoticeLine): void {
    this.#enter({ kind: "flowing", line });
  }

  /** The line is gone: events are kept by the processes, not sent. */
  detach(): void {
    this.#enter({ kind: "discarding" });
  }

  #hold(line: NoticeLine): void {
    const held: NotifierState = { kind: "holding", line };
    this.#enter(held);
    void line.whenWritable().then(() => {
      // A line that was left in the meantime has no say in what its successor can take.
      if (this.#state === held) this.#enter({ kind: "flowing", line });
    });
  }

  #enter(state: NotifierState): void {
    const wasHolding = this.holding;
    this.#state = state;
    if (this.holding && !wasHolding) this.#valve.pauseOutput();
    if (wasHolding && !this.holding) this.#valve.resumeOutput();
  }
}
