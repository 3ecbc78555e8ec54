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

/**
 * Turns what happens to processes into notices, in the order of their numbers.
 *
 * A line that does not keep up closes the valve: children block on their full pipes, and nothing piles up here.
 */
export class Notifier implements ProcessSink {
  readonly #line: NoticeLine;
  readonly #valve: OutputValve;
  readonly #closed: (process: ManagedProcess) => void;
  #state: "flowing" | "holding" | "detached" = "flowing";

  constructor(line: NoticeLine, valve: OutputValve, closed: (process: ManagedProcess) => void) {
    this.#line = line;
    this.#valve = valve;
    this.#closed = closed;
  }

  get holding(): boolean {
    return this.#state === "holding";
  }

  output(process: ManagedProcess, chunk: OutputChunk): void {
    if (this.#state === "detached") return;
    this.#line.notify("process/output", {
      processId: process.id,
      seq: chunk.seq,
      stream: chunk.stream,
      chunk: chunk.data.toString("base64"),
    });
    if (this.#state === "flowing" && !this.#line.writable) this.#hold();
  }

  exited(process: ManagedProcess, seq: number, exitCode: number, sandboxDenied: boolean): void {
    if (this.#state === "detached") return;
    this.#line.notify("process/exited", { processId: process.id, seq, exitCode, sandboxDenied });
  }

  closed(process: ManagedProcess, seq: number): void {
    if (this.#state !== "detached") this.#line.notify("process/closed", { processId: process.id, seq });
    this.#closed(process);
  }

  /** The connection is gone: events are kept by the processes, not sent. */
  detach(): void {
    const wasHolding = this.#state === "holding";
    this.#state = "detached";
    if (wasHolding) this.#valve.resumeOutput();
  }

  #hold(): void {
    this.#state = "holding";
    this.#valve.pauseOutput();
    void this.#line.whenWritable().then(() => {
      if (this.#state !== "holding") return;
      this.#state = "flowing";
      this.#valve.resumeOutput();
    });
  }
}
