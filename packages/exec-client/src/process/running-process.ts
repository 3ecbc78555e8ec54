import { END_GRACE_MAX_MS, type ProcessStartResult } from "@holdfast/exec-server-protocol";
import type { ExecServerClient } from "@holdfast/exec-server-protocol/client";
import type { Clock } from "@holdfast/rpc";
import { checkOptions, duration, flag, type OptionChecks, wholeNumber } from "@holdfast/rpc/client";
import { isUnsupported } from "../errors/unsupported-error.ts";
import { KILL_GRACE_MS, REMAINS_WAIT_MS, TERMINATE_WAIT_MS } from "../limits.ts";
import type { Session } from "../session/session.ts";
import { settledWithin } from "../settled-within.ts";
import { inputChanges } from "../sharing/input-changes.ts";
import { bytesOfText } from "../text-pieces.ts";
import type { ExitStatus, ProcessEvent } from "./events.ts";
import { type EventsOptions, eventsOf } from "./events-of.ts";
import { feedInput } from "./input/feed-input.ts";
import type { InputReader } from "./input/input-source.ts";
import type { StdinEnd } from "./input/stdin-end.ts";
import { type LinesOptions, linesOf } from "./lines-of.ts";
import { outputStream } from "./output-stream.ts";
import type { ProcessChannel } from "./process-channel.ts";
import type { ProcessControl } from "./process-control.ts";
import { type SignalName, signalName } from "./signal-names.ts";
import { type TerminalSize, terminalSize } from "./terminal-size.ts";
import { textStream } from "./text-stream.ts";

/** How to send a signal. */
export interface KillOptions {
  /**
   * Milliseconds after which SIGKILL follows, should the process not have exited; `kill` then waits for its exit that long. Default: only
   * the signal.
   */
  readonly graceMs?: number | undefined;
}

const KILL_OPTIONS: OptionChecks<KillOptions> = { graceMs: duration };

/** How to end a process. */
export interface EndOptions {
  /** Milliseconds that it may take to end by itself, before what is left is killed: 0 to 30,000. 0: nothing is asked. Default 5,000. */
  readonly graceMs?: number | undefined;
  /**
   * Whether its executor forgets it then, so that its output takes no more memory there; what was not read here is lost. Without effect on releases of
   * Codex. Default false.
   */
  readonly forget?: boolean | undefined;
}

const END_OPTIONS: OptionChecks<EndOptions> = { graceMs: wholeNumber(0, END_GRACE_MAX_MS), forget: flag };

/** A process that this client started or attached to. */
export class RunningProcess implements AsyncDisposable {
  /** Unique in the session; not an OS pid. */
  readonly id: string;
  /** The session that owns it: that of the executor, or its own. `connect` resumes it by `resumeSessionId`. */
  readonly sessionId: string;
  /** The sandbox the executor put it in; undefined when the executor does not say. */
  readonly sandboxType: ProcessStartResult["sandboxType"];
  /**
   * Its id on the executor's machine, which for a confined process is not the one that it sees itself. Undefined where the executor
   * does not tell: releases of Codex, and of a process that `attach` found.
   */
  readonly pid: number | undefined;
  /**
   * Resolves when the executor has all of the `input` that it was started with, or the process has ended and takes no more; at once
   * without any.
   *
   * Rejects with `ProcessInputError` `sourceFailed` when the source failed: then the process is ended.
   */
  readonly inputSent: Promise<void>;
  readonly #channel: ProcessChannel;
  readonly #stub: ExecServerClient;
  readonly #cleanUp: (() => Promise<{ readonly running: boolean }>) | undefined;
  readonly #clock: Clock;
  readonly #stdin: StdinEnd;
  readonly #control: ProcessControl;
  #stdout: ReadableStream<Uint8Array<ArrayBuffer>> | undefined;
  #stderr: ReadableStream<Uint8Array<ArrayBuffer>> | undefined;
  #output: ReadableStream<Uint8Array<ArrayBuffer>> | undefined;
  #stdoutText: ReadableStream<string> | undefined;
  #stderrText: ReadableStream<string> | undefined;
  #outputText: ReadableStream<string> | undefined;

  /** Made by `executor.processes.start` and `attach`. */
  constructor(parts: {
    readonly channel: ProcessChannel;
    readonly session: Pick<Session, "id" | "stub" | "clock">;
    /** Terminate it, after a reconnect if the connection breaks. Undefined: this client did not start it. */
    readonly cleanUp: (() => Promise<{ readonly running: boolean }>) | undefined;
    readonly sandboxType: ProcessStartResult["sandboxType"];
    readonly pid: number | undefined;
    readonly stdin: StdinEnd;
    /** What to feed it with. */
    readonly source: InputReader | undefined;
    readonly control: ProcessControl;
  }) {
    this.id = parts.channel.processId;
    this.sessionId = parts.session.id;
    this.sandboxType = parts.sandboxType;
    this.#channel = parts.channel;
    this.#stub = parts.session.stub;
    this.#cleanUp = parts.cleanUp;
    this.#clock = parts.session.clock;
    this.pid = parts.pid;
    this.#stdin = parts.stdin;
    this.#control = parts.control;
    this.inputSent = parts.source === undefined ? Promise.resolve() : feedInput(this, this.#stdin, parts.source);
    this.inputSent.catch(() => {});
  }

  /**
   * How it ended, as soon as its exit is known. Output may still follow; see {@link RunningProcess.closed}.
   *
   * Rejects with what ended the events: `LinkError`, `OutputGapError`, `ProcessEventsError`.
   */
  get exited(): Promise<ExitStatus> {
    return this.#channel.exited;
  }

  /** The same, once all output has arrived as well: descendants may hold the streams open long after the exit. */
  get closed(): Promise<ExitStatus> {
    return this.#channel.closed;
  }

  /**
   * Everything that happens to the process, in order of `seq`, none twice, none lost. Ends after the closed event.
   *
   * Any number of subscribers, at any time: each starts with the first event it can have. Events that this client no
   * longer holds are read back from the executor. A slow subscriber holds the process back, as a slow reader of a pipe does,
   * when 4 MiB wait for it; one that asks for `whenSlow: "gap"` does not, and loses events instead.
   *
   * @throws OutputGapError - Events are lost to this subscriber: it came too late; or it accepts gaps and fell more than 16 MiB
   * or 16,384 events behind.
   * @throws ProcessEventsError - The executor's events can not be put in order; the process is being terminated.
   * @throws LinkError `closed` - The connection is gone for good; the process may still be running.
   */
  events(options: EventsOptions = {}): AsyncGenerator<ProcessEvent, void, void> {
    return eventsOf(this.#channel, options);
  }

  /** Sequence number of the newest event that this client has put in order; 0 before the first. */
  get lastSeq(): number {
    return this.#channel.lastSeq;
  }

  /**
   * Standard output, or all a terminal shows. One stream per process: the same object each time.
   *
   * Nothing is lost to a slow reader: the process waits, as before a full pipe, when 4 MiB wait here. So does one whose stream was
   * taken and is never read; `cancel()` lets it go on. Take the stream in the turn in which the process was started: of one
   * that is taken later the beginning may be gone (`OutputGapError`).
   */
  get stdout(): ReadableStream<Uint8Array<ArrayBuffer>> {
    this.#stdout ??= outputStream((wants) => this.#channel.subscribe(undefined, wants), ["stdout", "pty"]);
    return this.#stdout;
  }

  /** Standard error; empty for a terminal. Like {@link RunningProcess.stdout} in all else. */
  get stderr(): ReadableStream<Uint8Array<ArrayBuffer>> {
    this.#stderr ??= outputStream((wants) => this.#channel.subscribe(undefined, wants), ["stderr"]);
    return this.#stderr;
  }

  /** Standard output and error in order of `seq`. Like {@link RunningProcess.stdout} in all else. */
  get output(): ReadableStream<Uint8Array<ArrayBuffer>> {
    this.#output ??= outputStream((wants) => this.#channel.subscribe(undefined, wants), ["stdout", "stderr", "pty"]);
    return this.#output;
  }

  /** {@link RunningProcess.stdout} as text: UTF-8, characters whole. A stream of its own. */
  get stdoutText(): ReadableStream<string> {
    this.#stdoutText ??= textStream((wants) => this.#channel.subscribe(undefined, wants), ["stdout", "pty"]);
    return this.#stdoutText;
  }

  /** {@link RunningProcess.stderr} as text: UTF-8, characters whole. A stream of its own. */
  get stderrText(): ReadableStream<string> {
    this.#stderrText ??= textStream((wants) => this.#channel.subscribe(undefined, wants), ["stderr"]);
    return this.#stderrText;
  }

  /** {@link RunningProcess.output} as text: UTF-8, characters whole, also where the other stream cuts one. A stream of its own. */
  get outputText(): ReadableStream<string> {
    this.#outputText ??= textStream((wants) => this.#channel.subscribe(undefined, wants), ["stdout", "stderr", "pty"]);
    return this.#outputText;
  }

  /**
   * Its output line by line, without line ends, each `\n` or `\r\n`; the last one may lack one. Nothing is lost: who does not
   * take them holds the process back. UTF-8; what is none becomes U+FFFD.
   *
   * @throws LineTooLongError - A line is longer than `maxLineBytes`.
   * @throws unknown - As {@link RunningProcess.events}.
   */
  lines(options: LinesOptions = {}): AsyncGenerator<string, void, void> {
    return linesOf(this.#channel, options);
  }

  /**
   * Send input. Writes keep their order. Needs `stdin: "pipe"` or a terminal.
   *
   * Resolves when the executor has queued it, which does not mean that the process read it. A lost connection delays it: it is sent
   * again with the number it had, so that the executor takes it once.
   *
   * @param data - Bytes, or a text to be sent as UTF-8. An empty one sends nothing.
   * @throws InvalidArgumentError - The text has half of a pair of surrogates.
   * @throws ProcessInputError - `exited`: the process ended before it took the input; `stdinClosed`, `unknownProcess` or `starting`.
   */
  async write(data: string | Uint8Array): Promise<void> {
    await this.#stdin.write(typeof data === "string" ? bytesOfText(data, "data") : data);
  }

  /**
   * Tell it that no more input comes, behind all that was written. Idempotent. A terminal gets ctrl-D, which a program may
   * read as any other key. Without effect on a process that ended.
   *
   * @throws ProcessInputError - `stdinClosed`: it was started without a stdin.
   * @throws UnsupportedError - It was started with `pipeStdin`, and the executor can not close a pipe.
   */
  async closeStdin(): Promise<void> {
    if (!this.#isOver) await this.#stdin.close();
  }

  /**
   * Whether it takes input: a terminal or `pipeStdin`, and alive.
   *
   * @throws LinkError - There was no answer.
   */
  async acceptsInput(): Promise<boolean> {
    return !this.#isOver && (await this.#stdin.probe());
  }

  /**
   * Send SIGINT to the process group. Without effect on a process that ended.
   *
   * For the job in the foreground of a terminal's shell, write `"\u0003"` instead.
   *
   * @throws LinkError - Delivery `unknown`: the connection was lost before the answer came; it is not repeated.
   */
  async interrupt(): Promise<void> {
    if (this.#isOver) return;
    await this.#stub.process.signal({ processId: this.id, signal: "interrupt" });
  }

  /**
   * Send a signal to its process group, by default SIGTERM: it may clean up, or take no notice.
   *
   * SIGINT and SIGKILL work on every executor. Any other needs the capability `holdfastProcessControl`; on releases of Codex
   * a helper command sends it, for which processes there have `HOLDFAST_PROCESS` in their environment.
   *
   * @returns Whether there was a process to send it to: false for one that has ended.
   * @throws UnsupportedError - Neither is possible: an executor on Windows or without `/proc`, and a process that `attach` found
   * on a release of Codex.
   * @throws LinkError - Delivery `unknown`: the connection was lost before the answer came; it is not repeated.
   */
  async kill(signal: SignalName = "SIGTERM", options: KillOptions = {}): Promise<boolean> {
    signalName(signal, "signal");
    checkOptions(options, KILL_OPTIONS, "process.kill");
    const { graceMs } = options;
    if (signal === "SIGKILL") return (await this.terminate()).running;
    if (this.#channel.hasExited) return false;
    const isDelivered = signal === "SIGINT" ? await this.#interrupted() : await this.#control.signal(signal);
    if (graceMs === undefined) return isDelivered;
    await settledWithin(this.exited, graceMs, this.#clock);
    if (!this.#channel.hasExited) await this.terminate();
    return isDelivered;
  }

  async #interrupted(): Promise<true> {
    await this.interrupt();
    return true;
  }

  /**
   * Give its terminal another size, of which it is told by SIGWINCH. Without effect on a process that ended.
   *
   * Needs the capability `holdfastProcessControl`; on releases of Codex a helper command does it, see {@link RunningProcess.kill}.
   *
   * @throws InvalidArgumentError - A side is out of range.
   * @throws RemoteError - It has no terminal.
   * @throws UnsupportedError - Neither is possible.
   */
  async resize(size: TerminalSize): Promise<void> {
    terminalSize(size, "size");
    if (!this.#channel.hasExited) await this.#control.resize(size);
  }

  /**
   * Whether another client has taken its input, now and at every change, until it has ended: meanwhile what is written here waits.
   *
   * @throws RemoteError - −32601: the executor lacks the capability `holdfastSharing`. @throws LinkError - The connection is gone for good, or
   * `signal` was aborted.
   */
  inputChanges(options: { readonly signal?: AbortSignal | undefined } = {}): AsyncGenerator<boolean, void, void> {
    const isOver = (): boolean => this.#channel.isOver;
    return inputChanges(this.#stub, this.id, { isOver, signal: options.signal });
  }

  /**
   * Kill the process group at once (SIGKILL). Output in flight may be lost; exit and close are reported as usual.
   *
   * A slow reader no longer holds it back. If it has exited and descendants still hold its output, they are ended too. Only this project's
   * executor can; others leave it alone.
   *
   * @returns `running`: whether the process itself was still alive.
   * @throws LinkError - Delivery `unknown`: the connection was lost before the answer came; call it again.
   */
  async terminate(): Promise<{ readonly running: boolean }> {
    if (this.#isOver) return { running: false };
    this.#channel.neverHold();
    const { running } = await this.#stub.process.terminate({ processId: this.id, includeDescendants: true });
    return { running };
  }

  /**
   * End it with all that it started, also what left its process group, and also when it has ended by itself before: it is asked (the end of its input,
   * SIGTERM), and what lives after `graceMs` is killed. Resolves when nothing is left. May be repeated; a lost connection delays it.
   *
   * Needs the capability `holdfastProcessEnding`. On releases of Codex helper commands do it, which find what has `HOLDFAST_PROCESS` in its
   * environment; of other executors, and of a process that `attach` found there, what left the group of a process that has ended stays.
   *
   * @throws InvalidArgumentError - `graceMs` is out of range. @throws LinkError - The connection is gone for good.
   */
  async end(options: EndOptions = {}): Promise<void> {
    checkOptions(options, END_OPTIONS, "process.end");
    const { graceMs = KILL_GRACE_MS, forget = false } = options;
    this.#channel.neverHold();
    if (this.#control.end === undefined) await this.#endByHelpers(graceMs);
    else await this.#control.end(graceMs, forget);
    await settledWithin(this.closed, REMAINS_WAIT_MS, this.#clock);
  }

  async #endByHelpers(graceMs: number): Promise<void> {
    if (!this.#channel.hasExited && graceMs > 0) {
      this.closeStdin().catch(() => {});
      await this.kill("SIGTERM", { graceMs }).catch((error: unknown) => {
        if (!isUnsupported(error)) throw error;
      });
    }
    await this.terminate();
    await this.#control.endDescendants();
  }

  /** Whether it is closed: nothing is left to act on, and a session of its own may be over. */
  get #isOver(): boolean {
    return this.#channel.log.state.kind === "complete";
  }

  /**
   * Terminate it, and what it left running, and wait up to 2 s for its close; 0.5 s when it had exited, since not every
   * executor can end the rest. Never throws: with a lost connection there is nothing to do. One that this client did not start is left
   * alone.
   */
  async [Symbol.asyncDispose](): Promise<void> {
    if (this.#cleanUp === undefined) return;
    if (this.#channel.log.state.kind !== "open") return;
    this.#channel.neverHold();
    const waitMs = this.#channel.hasExited ? REMAINS_WAIT_MS : TERMINATE_WAIT_MS;
    const gone = this.#cleanUp().then(({ running }) =>
      running || this.#channel.hasExited ? this.closed.then(() => {}) : undefined,
    );
    await settledWithin(gone, waitMs, this.#clock);
  }
}
