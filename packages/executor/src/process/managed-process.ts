import { PTY_COLUMNS, PTY_ROWS } from "@holdfast/exec-server-protocol";
import type { IncomingBytes, OutgoingBytes } from "../platform/handed-bytes.ts";
import type { Child, ChildEvents, TerminalSize } from "./child.ts";
import { DENIAL_GRACE_MS, type DenialJudge, outcomeOf } from "./denial.ts";
import type { Exit } from "./exit.ts";
import { UNKNOWN_EXIT_CODE } from "./exit-code.ts";
import { untakenOf } from "./handed-child.ts";
import type { HandedProcess } from "./handed-process.ts";
import type { InputBudget } from "./input-budget.ts";
import type { InputLimits, WriteOutcome } from "./input-queue.ts";
import type { LogSlice, OutputChunk, OutputStream } from "./output-chunk.ts";
import { OutputLog, type RetentionLimits } from "./output-log.ts";
import type { OutputSpool } from "./output-spool.ts";
import type { ProcessFacts } from "./process-facts.ts";
import { SharedInput } from "./shared-input.ts";

/** Hears everything that happens to a process, each with its number, in order. */
export interface ProcessSink {
  output(process: ManagedProcess, chunk: OutputChunk): void;
  exited(process: ManagedProcess, seq: number, exitCode: number, sandboxDenied: boolean): void;
  closed(process: ManagedProcess, seq: number): void;
}

const DEFAULT_SIZE: TerminalSize = { rows: PTY_ROWS, columns: PTY_COLUMNS };

/**
 * Why output is not read: the line can't take more, its client asked for it, it lags behind, the spool can't, there is no line, or the
 * executor is being replaced and its clients are not back yet.
 */
export type PauseReason = "line" | "client" | "backlog" | "spool" | "detached" | "replacement";

/**
 * What a process is doing. `exited` and `closed` are the only ends; a terminated process gets there too. `judging`: the
 * leader is gone, and whether a sandbox refused it something is still open; to everyone outside it is running.
 */
export type ProcessState =
  | { readonly kind: "starting" }
  | { readonly kind: "running"; readonly child: Child; readonly streams: "open" | "ended" }
  | { readonly kind: "judging"; readonly child: Child; readonly exitCode: number; readonly grace: { cancel(): void } }
  | (Exit & { readonly kind: "exited"; readonly child: Child })
  | (Exit & { readonly kind: "closed" });

/** Of one that was closed without an end that is known. */
const NO_EXIT: Exit = { exitSeq: 0, exitCode: UNKNOWN_EXIT_CODE, sandboxDenied: false };

/** What a reader sees: retained output after its cursor, and how the process is now; as of `nextSeq` in a cut slice. */
export interface ProcessSnapshot extends LogSlice {
  readonly exitCode: number | undefined;
  readonly closed: boolean;
  readonly sandboxDenied: boolean;
}

/** What descends from one process, by the mark that it was started with. */
export interface ProcessDescent {
  readonly serial: number;
  /** Resolves when none is left or can be reached. */
  end(): Promise<void>;
  /** See `Descent.askLeft`. */
  askLeft(group: number, asked: Set<number>): Promise<boolean | undefined>;
}

export interface ManagedProcessOptions {
  readonly id: string;
  readonly hasInput: boolean;
  readonly facts: ProcessFacts;
  readonly retention: RetentionLimits;
  readonly input: InputLimits;
  /** What all processes together may hold of their inputs. */
  readonly inputBudget: InputBudget;
  /** Of its terminal at the start; undefined: as terminals are. */
  readonly terminalSize?: TerminalSize | undefined;
  /** Keeps what falls out of the retained window. */
  readonly spool?: OutputSpool | undefined;
  readonly sink: ProcessSink;
  /** Finds and ends what descends from it, also what left its group. */
  readonly descent?: ProcessDescent | undefined;
  /** Called when its exit is known, also when nobody is told of it any more. */
  readonly onExit?: ((process: ManagedProcess, exit: Exit) => void) | undefined;
}

/**
 * One process of a session: its numbered events, its retained output, its input, its end.
 *
 * Exit (the leader was reaped) and close (its output streams have ended as well) are two events. Close is the last
 * number a process draws.
 */
export class ManagedProcess {
  readonly id: string;
  readonly hasInput: boolean;
  /** What was started, for who asks. */
  readonly facts: ProcessFacts;
  /** Marks what descends from it; absent where it is not needed. */
  readonly serial: number | undefined;
  /** Absent where nothing marks it. */
  readonly descent: ProcessDescent | undefined;
  readonly #onExit: ManagedProcessOptions["onExit"];
  readonly #log: OutputLog;
  /** What goes into it, and from whom. */
  readonly input: SharedInput;
  readonly #sink: ProcessSink;
  readonly #watchers = new Set<() => void>();
  readonly #pauses = new Set<PauseReason>();
  #state: ProcessState = { kind: "starting" };
  #judge: DenialJudge | undefined;
  #terminated = false;
  /** Made only when it is awaited. */
  #started: PromiseWithResolvers<void> | undefined;

  constructor(options: ManagedProcessOptions) {
    this.id = options.id;
    this.hasInput = options.hasInput;
    this.facts = options.facts;
    this.#sink = options.sink;
    this.#onExit = options.onExit;
    const { descent } = options;
    this.serial = descent?.serial;
    this.descent = descent;
    const { spool } = options;
    const onFull = () => this.pauseOutput("spool");
    const onRoom = () => this.resumeOutput("spool");
    this.#log = new OutputLog(options.retention, spool && { spool, onFull, onRoom });
    this.input = new SharedInput({
      limits: options.input,
      budget: options.inputBudget,
      sink: {
        write: (data, written) => {
          const child = this.#child();
          if (child === undefined) written();
          else child.write(data, written);
        },
        end: () => this.#child()?.endInput(),
      },
      size: options.facts.isTerminal ? (options.terminalSize ?? DEFAULT_SIZE) : undefined,
      resize: (size) => {
        if (this.#state.kind === "running") this.#state.child.resizeTerminal?.(size);
      },
    });
  }

  get state(): ProcessState {
    return this.#state;
  }

  get nextSeq(): number {
    return this.#log.nextSeq;
  }

  /** What the child reports to its starter. */
  readonly events: ChildEvents = {
    output: (stream, data) => this.#output(stream, data),
    exited: (exitCode) => this.#exited(exitCode),
    ended: () => this.#ended(),
    inputBroken: () => this.input.break(),
  };

  /** While the child is being started: settles when it runs or could not be started. */
  whenStarted(): Promise<void> | undefined {
    if (this.#state.kind !== "starting") return undefined;
    this.#started ??= Promise.withResolvers<void>();
    return this.#started.promise;
  }

  /** There will be no child. */
  abandonStart(): void {
    this.#started?.resolve();
  }

  /**
   * The child runs. One whose session ended in the meantime is ended at once.
   *
   * @param judge - Of a confined process.
   */
  adopt(child: Child, judge?: DenialJudge): void {
    this.#state = { kind: "running", child, streams: "open" };
    this.#judge = judge;
    if (this.#pauses.size > 0) child.pauseOutput();
    this.#started?.resolve();
    if (this.#terminated) this.destroy();
  }

  /** For the next program in this very process. A start must be over. */
  handOver(bytes: OutgoingBytes): HandedProcess {
    const { id, hasInput, facts, serial } = this;
    // Nobody is there any more to give it back later.
    this.input.takeBack();
    // First: what it has read goes to the log.
    const child = this.#child()?.handOver(bytes);
    return {
      id,
      hasInput,
      facts,
      serial,
      child,
      log: this.#log.handOver(bytes),
      input: this.input.own.handOver(bytes),
      terminalSize: this.input.size,
      isTerminated: this.#terminated,
      isHeldByClient: this.#pauses.has("client"),
      exit: this.exit && exitOf(this.exit),
      sandboxType: this.#judge?.sandboxType,
    };
  }

  /**
   * Go on where another program stopped. In place of {@link adopt}.
   *
   * @param child - Absent for one that is closed.
   * @param judge - Of a confined process.
   * @returns what is to be called in the same turn, when there is no way back: it writes what the child has not taken.
   */
  adoptHanded(handed: HandedProcess, bytes: IncomingBytes, child: Child | undefined, judge?: DenialJudge): () => void {
    const { exit } = handed;
    this.#log.adopt(handed.log, bytes);
    if (child === undefined) this.#state = { kind: "closed", ...(exit ?? NO_EXIT) };
    else if (exit !== undefined) this.#state = { kind: "exited", child, ...exit };
    else this.#state = { kind: "running", child, streams: "open" };
    this.#judge = judge;
    this.#terminated = handed.isTerminated;
    if (handed.isHeldByClient) this.pauseOutput("client");
    const untaken = handed.child && untakenOf(handed.child);
    const pieces = [...(untaken === undefined ? [] : [untaken]), handed.input.waiting].map((each) => bytes.get(each));
    const input = Buffer.concat(pieces);
    return () => {
      // A terminal takes its end as a character, which was written once.
      this.input.own.adopt(handed.input, input, { isEndTold: this.facts.isTerminal });
      // Who was to be ended by its number may have been left over.
      if (this.#terminated) void this.descent?.end();
    };
  }

  /** Bytes of its output in memory. */
  get retainedBytes(): number {
    return this.#log.retainedBytes;
  }

  /** How the leader ended, once it has. */
  get exit(): Exit | undefined {
    return this.#state.kind === "exited" || this.#state.kind === "closed" ? this.#state : undefined;
  }

  /** At once when everything asked for is in memory. */
  read(afterSeq: number, maxBytes: number | undefined): ProcessSnapshot | Promise<ProcessSnapshot> {
    const seal = (slice: LogSlice) => this.#snapshot(slice);
    if (!this.#log.isSpooledAfter(afterSeq)) return seal(this.#log.read(afterSeq, maxBytes));
    return this.#log.readSpooled(afterSeq, maxBytes, seal);
  }

  #snapshot(slice: LogSlice): ProcessSnapshot {
    const { isCut = false } = slice;
    const exit = isCut && this.exit !== undefined && this.exit.exitSeq >= slice.nextSeq ? undefined : this.exit;
    return {
      ...slice,
      exitCode: exit?.exitCode,
      closed: this.#state.kind === "closed" && !isCut,
      sandboxDenied: exit?.sandboxDenied ?? false,
    };
  }

  /** True when a reader at this cursor has something to learn now. */
  hasNews(afterSeq: number): boolean {
    if (this.#state.kind === "closed" || this.#log.hasAfter(afterSeq)) return true;
    return this.#state.kind === "exited" && afterSeq < this.#log.nextSeq - 1;
  }

  /** Call `changed` after each event, until the returned function is called. */
  watch(changed: () => void): () => void {
    this.#watchers.add(changed);
    return () => this.#watchers.delete(changed);
  }

  /** A write under this id was accepted before. */
  knowsWrite(writeId: string): boolean {
    return this.input.own.isKnown(writeId);
  }

  write(writeId: string, data: Buffer): WriteOutcome | Promise<WriteOutcome> {
    return this.input.own.push(writeId, data);
  }

  /** No more input: after what was written before, it ends. Idempotent. */
  endInput(): void {
    this.input.own.end();
  }

  /** To the group. @returns false when the process is over, or nobody could take it. */
  signal(signal: NodeJS.Signals): boolean {
    return this.#state.kind === "running" && this.#state.child.signal(signal);
  }

  /** Nothing when the process is over. @returns false when it has no terminal. */
  resizeTerminal(size: TerminalSize): boolean {
    if (!this.facts.isTerminal) return false;
    this.input.resizeOwn(size);
    return true;
  }

  /** Number of its group and of its session, while it is known and its leader has not ended. */
  get group(): number | undefined {
    return this.#state.kind === "running" ? this.#state.child.pid : undefined;
  }

  /** Id of the program while it runs; undefined also while what confines it prepares. */
  get commandPid(): number | undefined {
    return this.#state.kind === "running" ? this.#state.child.commandPid : undefined;
  }

  /**
   * SIGKILL to the group, and to descendants that left it.
   *
   * @param options.includeDescendants - Also what outlives its leader; without it, that keeps the streams open until it ends.
   * @returns whether the leader was alive.
   */
  terminate({ includeDescendants }: { readonly includeDescendants: boolean } = { includeDescendants: false }): boolean {
    if (this.#isHalfOpen) return this.#endConnection();
    if (this.#state.kind !== "running") {
      if (includeDescendants) this.#endRemains();
      return false;
    }
    this.#terminated = true;
    this.#state.child.kill();
    void this.descent?.end();
    this.#readToTheEnd(this.#state.child);
    return true;
  }

  /** The far side of a connection has nothing more to say. */
  get #isHalfOpen(): boolean {
    return this.facts.isConnection === true && this.#state.kind === "exited";
  }

  #endConnection(): true {
    this.#terminated = true;
    this.#child()?.kill();
    return true;
  }

  /** The leader is gone, and what it left behind may hold the streams. */
  #endRemains(): void {
    const child = this.#child();
    if (child === undefined) return;
    this.#terminated = true;
    // By the mark that they carry, where they carry one: the group's number may belong to another group by now.
    if (this.serial === undefined) child.kill();
    else void this.descent?.end();
    this.#readToTheEnd(child);
    if (this.#state.kind === "exited") child.abandonOutput();
  }

  #readToTheEnd(child: Child): void {
    for (const reason of ["line", "client", "backlog", "detached", "replacement"] as const) this.#pauses.delete(reason);
    if (this.#pauses.size === 0) child.resumeOutput();
  }

  /** End it without a word: its session is over. Members of the group that outlived their leader go as well. */
  destroy(): void {
    this.#terminated = true;
    this.input.break();
    this.#log.dispose();
    const child = this.#child();
    child?.kill();
    child?.abandonOutput();
  }

  /** It is read again when no reason is left. A process that was told to end is read to its end. */
  pauseOutput(reason: PauseReason): void {
    if (this.#terminated && reason !== "spool") return;
    this.#pauses.add(reason);
    this.#child()?.pauseOutput();
  }

  resumeOutput(reason: PauseReason): void {
    this.#pauses.delete(reason);
    if (this.#pauses.size === 0) this.#child()?.resumeOutput();
  }

  /** It is forgotten: what it keeps goes. */
  dispose(): void {
    this.#log.dispose();
  }

  #child(): Child | undefined {
    return "child" in this.#state ? this.#state.child : undefined;
  }

  #output(stream: OutputStream, data: Buffer): void {
    this.#sink.output(this, this.#log.append(stream, data));
    this.#changed();
    if (this.#state.kind === "judging") this.#judged("open");
  }

  #exited(exitCode: number): void {
    if (this.#state.kind !== "running") return;
    const { child, streams } = this.#state;
    if (this.facts.isConnection !== true) this.input.break();
    if (this.#judge === undefined || exitCode === 0) {
      this.#announceExit(child, exitCode, false, streams);
      return;
    }
    // Output on its way could tell of a refusal.
    const grace = this.#judge.delay.after(DENIAL_GRACE_MS, () => this.#judged("open"));
    this.#state = { kind: "judging", child, exitCode, grace };
    if (streams === "ended") this.#judged(streams);
  }

  /** The verdict is fixed here, before anyone can see the exit. */
  #judged(streams: "open" | "ended"): void {
    if (this.#state.kind !== "judging") return;
    const { child, exitCode, grace } = this.#state;
    grace.cancel();
    const denied = this.#judge?.wasDenied(outcomeOf(exitCode, this.#log.retained())) ?? false;
    this.#announceExit(child, exitCode, denied, streams);
  }

  #announceExit(child: Child, exitCode: number, sandboxDenied: boolean, streams: "open" | "ended"): void {
    const exit = { exitSeq: this.#log.takeSeq(), exitCode, sandboxDenied };
    this.#state = { kind: "exited", child, ...exit };
    this.#sink.exited(this, exit.exitSeq, exitCode, sandboxDenied);
    this.#onExit?.(this, exit);
    this.#changed();
    if (streams === "ended") this.#close(exit);
    // A process that left the group may hold the streams for ever; the caller asked for an end.
    else if (this.#terminated) child.abandonOutput();
  }

  #ended(): void {
    if (this.#state.kind === "running") this.#state = { ...this.#state, streams: "ended" };
    else if (this.#state.kind === "judging") this.#judged("ended");
    else if (this.#state.kind === "exited") this.#close(this.#state);
  }

  #close({ exitSeq, exitCode, sandboxDenied }: Exit): void {
    this.input.break();
    this.#state = { kind: "closed", exitSeq, exitCode, sandboxDenied };
    this.#sink.closed(this, this.#log.takeSeq());
    this.#changed();
  }

  #changed(): void {
    for (const changed of [...this.#watchers]) changed();
  }
}

function exitOf({ exitSeq, exitCode, sandboxDenied }: Exit): Exit {
  return { exitSeq, exitCode, sandboxDenied };
}
