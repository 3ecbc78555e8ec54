import type { Exit, ManagedProcess, OutputChunk, ProcessSink, ProcessSnapshot } from "../process/index.ts";
import { Backlog } from "./backlog.ts";

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
  | { readonly kind: "flowing" | "holding"; readonly line: NoticeLine; readonly backlog: Backlog };

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
    if (this.#state.kind === "discarding" || this.#state.backlog.holds(process)) return;
    const { line, backlog } = this.#state;
    sendOutput(line, process, chunk);
    if (this.#state.kind === "flowing" && !line.writable) this.#hold(line, backlog);
  }

  exited(process: ManagedProcess, exitSeq: number, exitCode: number, sandboxDenied: boolean): void {
    if (this.#state.kind === "discarding" || this.#state.backlog.holds(process)) return;
    sendExited(this.#state.line, process, { exitSeq, exitCode, sandboxDenied });
  }

  closed(process: ManagedProcess, seq: number): void {
    if (this.#state.kind !== "discarding" && !this.#state.backlog.holds(process)) {
      sendClosed(this.#state.line, process, seq);
    }
    this.#closed(process);
  }

  /** From the next event on, notices go to this line. `known` are the processes that there are. */
  attach(line: NoticeLine, known: readonly ManagedProcess[] = []): void {
    const target = {
      isCurrent: () => this.#state.kind !== "discarding" && this.#state.backlog === backlog,
      whenWritable: async () => {
        if (!line.writable) await line.whenWritable();
      },
      send: (process: ManagedProcess, fromSeq: number, slice: ProcessSnapshot) =>
        sendSlice(line, process, fromSeq, slice),
    };
    const backlog = new Backlog(target, known);
    this.#enter({ kind: "flowing", line, backlog });
  }

  /** An answer ended before `fromSeq`: what this line was not sent from there on follows as notices. */
  sendFrom(process: ManagedProcess, fromSeq: number): void {
    if (this.#state.kind !== "discarding") this.#state.backlog.send(process, fromSeq);
  }

  /** Nobody will ask for it again. */
  forget(process: ManagedProcess): void {
    if (this.#state.kind !== "discarding") this.#state.backlog.forget(process);
  }

  /** The line is gone: events are kept by the processes, not sent. */
  detach(): void {
    this.#enter({ kind: "discarding" });
  }

  #hold(line: NoticeLine, backlog: Backlog): void {
    const held: NotifierState = { kind: "holding", line, backlog };
    this.#enter(held);
    void line.whenWritable().then(() => {
      // A line that was left in the meantime has no say in what its successor can take.
      if (this.#state === held) this.#enter({ kind: "flowing", line, backlog });
    });
  }

  #enter(state: NotifierState): void {
    const wasHolding = this.holding;
    this.#state = state;
    if (this.holding && !wasHolding) this.#valve.pauseOutput();
    if (wasHolding && !this.holding) this.#valve.resumeOutput();
  }
}

function sendOutput(line: NoticeLine, { id: processId }: ManagedProcess, { seq, stream, data }: OutputChunk): void {
  line.notify("process/output", { processId, seq, stream, chunk: data.toString("base64") });
}

function sendExited(line: NoticeLine, { id: processId }: ManagedProcess, exit: Exit): void {
  const { exitSeq: seq, exitCode, sandboxDenied } = exit;
  line.notify("process/exited", { processId, seq, exitCode, sandboxDenied });
}

function sendClosed(line: NoticeLine, { id: processId }: ManagedProcess, seq: number): void {
  line.notify("process/closed", { processId, seq });
}

/** The events from `fromSeq` to the end of the slice, the exit in its place. */
function sendSlice(line: NoticeLine, process: ManagedProcess, fromSeq: number, slice: ProcessSnapshot): void {
  const { exit, state, nextSeq } = process;
  let isExitDue = exit !== undefined && exit.exitSeq >= fromSeq && exit.exitSeq < slice.nextSeq;
  for (const chunk of slice.chunks) {
    if (isExitDue && exit !== undefined && exit.exitSeq < chunk.seq) {
      sendExited(line, process, exit);
      isExitDue = false;
    }
    sendOutput(line, process, chunk);
  }
  if (isExitDue && exit !== undefined) sendExited(line, process, exit);
  if (state.kind === "closed" && slice.nextSeq === nextSeq) sendClosed(line, process, nextSeq - 1);
}
