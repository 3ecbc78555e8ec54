import { randomUUID } from "node:crypto";
import type { ProcessStartResult } from "@holdfast/exec-server-protocol";
import type { ExecServerClient } from "@holdfast/exec-server-protocol/client";
import type { Clock } from "@holdfast/rpc";
import { REMAINS_WAIT_MS, TERMINATE_WAIT_MS } from "../limits.ts";
import type { Session } from "../session/session.ts";
import { settledWithin } from "../settled-within.ts";
import type { ExitStatus, ProcessEvent } from "./events.ts";
import { type EventsOptions, eventsOf } from "./events-of.ts";
import { outputStream } from "./output-stream.ts";
import type { ProcessChannel } from "./process-channel.ts";
import { StdinWriter } from "./stdin-writer.ts";

/** A process that this client started or attached to. */
export class RunningProcess implements AsyncDisposable {
  /** Unique in the session; not an OS pid. */
  readonly id: string;
  /** The session that owns it: that of the executor, or its own. `connect` resumes it by `resumeSessionId`. */
  readonly sessionId: string;
  /** The sandbox the executor put it in; undefined when the executor does not say. */
  readonly sandboxType: ProcessStartResult["sandboxType"];
  readonly #channel: ProcessChannel;
  readonly #stub: ExecServerClient;
  readonly #cleanUp: (() => Promise<{ readonly running: boolean }>) | undefined;
  readonly #clock: Clock;
  readonly #stdin: StdinWriter;
  #stdout: ReadableStream<Uint8Array> | undefined;
  #stderr: ReadableStream<Uint8Array> | undefined;
  #output: ReadableStream<Uint8Array> | undefined;

  /** Made by `executor.processes.start` and `attach`. */
  constructor(parts: {
    readonly channel: ProcessChannel;
    readonly session: Pick<Session, "id" | "stub" | "clock">;
    /** Terminate it, after a reconnect if the connection breaks. Undefined: this client did not start it. */
    readonly cleanUp: (() => Promise<{ readonly running: boolean }>) | undefined;
    readonly sandboxType: ProcessStartResult["sandboxType"];
  }) {
    this.id = parts.channel.processId;
    this.sessionId = parts.session.id;
    this.sandboxType = parts.sandboxType;
    this.#channel = parts.channel;
    this.#stub = parts.session.stub;
    this.#cleanUp = parts.cleanUp;
    this.#clock = parts.session.clock;
    // The executor knows the numbers of earlier writers.
    const prefix = parts.channel.origin.kind === "attached" ? `${randomUUID()}:` : "";
    this.#stdin = new StdinWriter(this.id, this.#stub, prefix);
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
  get stdout(): ReadableStream<Uint8Array> {
    this.#stdout ??= outputStream((wants) => this.#channel.subscribe(undefined, wants), ["stdout", "pty"]);
    return this.#stdout;
  }

  /** Standard error; empty for a terminal. Like {@link RunningProcess.stdout} in all else. */
  get stderr(): ReadableStream<Uint8Array> {
    this.#stderr ??= outputStream((wants) => this.#channel.subscribe(undefined, wants), ["stderr"]);
    return this.#stderr;
  }

  /** Standard output and error in order of `seq`. Like {@link RunningProcess.stdout} in all else. */
  get output(): ReadableStream<Uint8Array> {
    this.#output ??= outputStream((wants) => this.#channel.subscribe(undefined, wants), ["stdout", "stderr", "pty"]);
    return this.#output;
  }

  /**
   * Send input. Writes keep their order. Needs `pipeStdin` or `tty`.
   *
   * Resolves when the executor has queued it, which does not mean that the process read it. The wire can not close
   * stdin; a terminal takes `"\u0004"` for end of input.
   *
   * @param data - Bytes, or a text to be sent as UTF-8. An empty one sends nothing.
   * @throws ProcessInputError - `stdinClosed`, `unknownProcess` or `starting`.
   * A lost connection delays it: it is sent again with the number it had, so that the executor takes it once.
   *
   * @throws RemoteError - The process ended before it took the input.
   */
  write(data: string | Uint8Array): Promise<void> {
    return this.#stdin.write(data);
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
