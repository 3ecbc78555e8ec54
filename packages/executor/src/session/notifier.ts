import { Base64Bytes } from "@holdfast/exec-server-protocol";
import type { Clock } from "@holdfast/rpc";
import type { Exit, ManagedProcess, OutputChunk, ProcessSink, ProcessSnapshot } from "../process/index.ts";
import { Backlog } from "./backlog.ts";
import { CatchUp } from "./catch-up.ts";

/** Where the notices of a session go while a connection holds it. */
export interface NoticeSink {
  notify(method: string, params: unknown): void;
  /** False when producers should wait for `whenWritable`. */
  readonly writable: boolean;
  whenWritable(): Promise<void>;
}

/** Where notices go. `discarding`: the session is detached; the processes keep what can be read later. */
type NotifierState = { readonly kind: "discarding" } | (Attachment & { readonly kind: "flowing" | "holding" });

/** A line, and what it was not told yet. */
interface Attachment {
  readonly line: NoticeSink;
  readonly backlog: Backlog;
  readonly catchUp: CatchUp;
}

export interface NotifierOptions {
  /** Hold back the output of all processes of the session, or let it go on. */
  readonly holdOutput: (isHeld: boolean) => void;
  readonly delay: Pick<Clock, "after">;
  /** A process has closed. */
  readonly closed: (process: ManagedProcess) => void;
}

/**
 * Turns what happens to processes into notices, in the order of their numbers, for the connection that holds the session now.
 *
 * A line that does not keep up holds all output: children block on their full pipes, and nothing piles up here. A line that is
 * gone holds nothing.
 */
export class Notifier implements ProcessSink {
  readonly #options: NotifierOptions;
  /** Where each process was when the last line went. */
  #left: ReadonlyMap<ManagedProcess, number> = new Map();
  #state: NotifierState = { kind: "discarding" };

  constructor(options: NotifierOptions) {
    this.#options = options;
  }

  get holding(): boolean {
    return this.#state.kind === "holding";
  }

  output(process: ManagedProcess, chunk: OutputChunk): void {
    if (this.#state.kind === "discarding" || this.#state.backlog.holds(process)) return;
    const { line } = this.#state;
    sendOutput(line, process, chunk);
    if (this.#state.kind === "flowing" && !line.writable) this.#hold(this.#state);
  }

  exited(process: ManagedProcess, exitSeq: number, exitCode: number, sandboxDenied: boolean): void {
    if (this.#state.kind === "discarding" || this.#state.backlog.holds(process)) return;
    sendExited(this.#state.line, process, { exitSeq, exitCode, sandboxDenied });
  }

  closed(process: ManagedProcess, seq: number): void {
    if (this.#state.kind !== "discarding" && !this.#state.backlog.holds(process)) {
      sendClosed(this.#state.line, process, seq);
    }
    this.#options.closed(process);
  }

  /**
   * From the next event on, notices go to this line; those of a process that did something while there was none only
   * when that was read. `known` are the processes that there are.
   */
  attach(line: NoticeSink, known: readonly ManagedProcess[] = []): void {
    const target = {
      isCurrent: () => this.#state.kind !== "discarding" && this.#state.backlog === backlog,
      whenWritable: async () => {
        if (!line.writable) await line.whenWritable();
      },
      send: (process: ManagedProcess, fromSeq: number, slice: ProcessSnapshot) =>
        sendSlice(line, process, fromSeq, slice),
    };
    const backlog = new Backlog(target, known);
    const missed = known.filter((process) => this.#hasMoreToSay(process));
    this.#left = new Map();
    for (const process of missed) backlog.withhold(process);
    const release = (process: ManagedProcess) => backlog.release(process);
    const catchUp = new CatchUp({ delay: this.#options.delay, line, release }, missed);
    this.#enter({ kind: "flowing", line, backlog, catchUp });
  }

  /** The client has, or gets now, the answer to a read after `afterSeq`; `isThrough` when it will not ask for more. */
  read(process: ManagedProcess, afterSeq: number, isThrough: boolean): void {
    if (this.#state.kind !== "discarding") this.#state.catchUp.read(process, afterSeq, isThrough);
  }

  /** An answer ended before `fromSeq`: what this line was not sent from there on follows as notices. */
  sendFrom(process: ManagedProcess, fromSeq: number): void {
    if (this.#state.kind !== "discarding") this.#state.backlog.send(process, fromSeq);
  }

  /** It will not be read again. */
  forget(process: ManagedProcess): void {
    if (this.#state.kind !== "discarding") this.#state.backlog.forget(process);
  }

  /** The line is gone: events are kept by the processes, not sent. `known` are the processes that there are. */
  detach(known: readonly ManagedProcess[] = []): void {
    // What waits in the backlog was not told: the next line has that to catch up with as well.
    const told = known.filter((process) => !this.isBehind(process));
    this.#left = new Map(told.map((process) => [process, process.nextSeq]));
    if (this.#state.kind !== "discarding") {
      this.#state.catchUp.end();
      this.#state.backlog.end();
    }
    this.#enter({ kind: "discarding" });
  }

  /** How far the last line was told of each process, after it went. */
  get told(): ReadonlyMap<ManagedProcess, number> {
    return this.#left;
  }

  /** Go on where another program stopped. To be called before the first line comes. */
  adopt(told: ReadonlyMap<ManagedProcess, number>): void {
    this.#left = told;
  }

  /** There is something about it that the line is told later. */
  isBehind(process: ManagedProcess): boolean {
    return this.#state.kind !== "discarding" && this.#state.backlog.holds(process);
  }

  /** It did something that no line was told, and goes on. */
  #hasMoreToSay(process: ManagedProcess): boolean {
    return process.state.kind !== "closed" && process.nextSeq > (this.#left.get(process) ?? 1);
  }

  #hold(attachment: Attachment): void {
    const held: NotifierState = { ...attachment, kind: "holding" };
    this.#enter(held);
    void attachment.line.whenWritable().then(() => {
      // A line that was left in the meantime has no say in what its successor can take.
      if (this.#state === held) this.#enter({ ...attachment, kind: "flowing" });
    });
  }

  #enter(state: NotifierState): void {
    const wasHolding = this.holding;
    this.#state = state;
    if (this.holding !== wasHolding) this.#options.holdOutput(this.holding);
  }
}

function sendOutput(line: NoticeSink, { id: processId }: ManagedProcess, { seq, stream, data }: OutputChunk): void {
  line.notify("process/output", { processId, seq, stream, chunk: new Base64Bytes(data) });
}

function sendExited(line: NoticeSink, { id: processId }: ManagedProcess, exit: Exit): void {
  const { exitSeq: seq, exitCode, sandboxDenied } = exit;
  line.notify("process/exited", { processId, seq, exitCode, sandboxDenied });
}

function sendClosed(line: NoticeSink, { id: processId }: ManagedProcess, seq: number): void {
  line.notify("process/closed", { processId, seq });
}

/** The events from `fromSeq` to the end of the slice, the exit in its place. */
function sendSlice(line: NoticeSink, process: ManagedProcess, fromSeq: number, slice: ProcessSnapshot): void {
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
