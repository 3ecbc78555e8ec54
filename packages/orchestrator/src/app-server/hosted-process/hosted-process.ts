import { type Executor, ProcessInputError, type RunningProcess, type StartOptions } from "@holdfast/exec-client";
import { type Clock, isRpcFault, type RpcFault } from "@holdfast/rpc";
import { internalError, invalidRequest } from "../faults.ts";
import { systemWords } from "../system-words.ts";
import { ArrivedOutput } from "./arrived-output.ts";
import { type DrainEnd, drainOutput } from "./drain-output.ts";
import { ExitMoment } from "./exit-moment.ts";
import { EXIT_TIMED_OUT } from "./limits.ts";
import type { StreamSink } from "./output-sinks.ts";
import type { ProcessWords } from "./process-words.ts";

/** What a process is, before it is started. */
export interface HostedWhat {
  /** What its client calls it. Undefined: the client has no way to refer to it. */
  readonly id: string | undefined;
  readonly hasTerminal: boolean;
  /** It can be written to. */
  readonly takesInput: boolean;
}

/** What to run, and where its output goes. */
export interface HostedStart {
  readonly executor: Executor;
  readonly options: StartOptions;
  readonly stdout: StreamSink;
  readonly stderr: StreamSink;
  /** Milliseconds that it may take. Undefined: no limit. */
  readonly timeoutMs: number | undefined;
  /** Whether the client takes it at its own pace. */
  readonly isTold: boolean;
}

/** How it ended. */
export interface HostedEnd {
  /** 124: its time was over. */
  readonly exitCode: number;
  /** What it left behind held its output open. */
  readonly isLeftOpen: boolean;
}

const STDIN_CLOSED = "stdin is already closed";
const NO_TERMINAL = "failed to resize PTY: process is not attached to a PTY";

/** A process of a client: its life, its output up to its end, and what the client may do to it meanwhile. */
export class HostedProcess {
  readonly #what: HostedWhat;
  readonly #words: ProcessWords;
  readonly #clock: Clock;
  readonly #started = Promise.withResolvers<RunningProcess>();
  /** Aborted when it takes no more orders. */
  readonly #over = new AbortController();
  #hasStarted = false;
  #isInputClosed = false;
  #isUnwanted = false;
  #isTimedOut = false;
  #inputDone: Promise<unknown> = Promise.resolve();
  #remains: Promise<void> = Promise.resolve();

  constructor(what: HostedWhat, words: ProcessWords, clock: Clock) {
    this.#what = what;
    this.#words = words;
    this.#clock = clock;
    this.#started.promise.catch(() => {});
  }

  /** Resolves when nothing is left of it. Never rejects. */
  get gone(): Promise<void> {
    return this.#remains;
  }

  /**
   * Start it.
   *
   * @returns `ended`: all of its output has been handed over by then.
   * @throws RpcFault - −32603: it could not be started.
   */
  async start(start: HostedStart): Promise<{ readonly ended: Promise<HostedEnd> }> {
    const { executor, options, isTold } = start;
    const isControlled = this.#what.hasTerminal;
    try {
      // Who may read slowly has a connection of its own.
      const how = { reader: isTold ? "any" : "fast", isControlled } as const;
      const { process } = await executor.processes.launch(options, how);
      this.#hasStarted = true;
      const ended = this.#run(process, start);
      ended.catch(() => {});
      this.#started.resolve(process);
      if (this.#isUnwanted) void this.#kill(process);
      return { ended };
    } catch (error) {
      throw internalError(`${this.#words.startFailed}: ${systemWords(error)}`);
    }
  }

  /**
   * Give it input, and then the end of it.
   *
   * @throws RpcFault - −32600: it takes none, or has ended.
   */
  async write(data: Uint8Array, isLast: boolean): Promise<void> {
    if (this.#over.signal.aborted) throw this.#ended();
    if (!this.#what.takesInput) throw invalidRequest(this.#words.inputIsOff);
    if (this.#isInputClosed && data.byteLength > 0) throw invalidRequest(STDIN_CLOSED);
    const closes = isLast && !this.#isInputClosed;
    this.#isInputClosed ||= isLast;
    const before = this.#inputDone;
    const done = this.#order(async (process) => {
      await before;
      if (data.byteLength > 0) await process.write(data);
      if (closes) await process.closeStdin();
    });
    this.#inputDone = done.catch(() => {});
    await done;
  }

  /** @throws RpcFault - −32600: it has no terminal, or has ended. */
  async resize(size: { readonly rows: number; readonly cols: number }): Promise<void> {
    await this.#order(async (process) => {
      if (!this.#what.hasTerminal) throw invalidRequest(NO_TERMINAL);
      await process.resize({ rows: size.rows, columns: size.cols });
    });
  }

  /** Kill it. Its end is told as any other. @throws RpcFault - −32600: it has ended. */
  async terminate(): Promise<void> {
    await this.#order(async (process) => void (await process.terminate()));
  }

  /** Nobody wants to know of it any more: kill it, also when it is only being started. */
  abandon(): void {
    this.#isUnwanted = true;
    this.#started.promise.then(
      (process) => this.#kill(process),
      () => {},
    );
  }

  /** It is over, or was never started: who waits to do something to it waits no more. */
  finish(): void {
    this.#over.abort();
    this.#started.reject(this.#ended());
  }

  #ended(): RpcFault {
    const { id = "" } = this.#what;
    return invalidRequest(this.#hasStarted ? this.#words.ended(id) : this.#words.unknown(id));
  }

  /** Do something to it that is of no use once it has ended. */
  async #order(action: (process: RunningProcess) => Promise<void>): Promise<void> {
    const over = this.#over.signal;
    const isOver = (): never => {
      throw this.#ended();
    };
    if (over.aborted) isOver();
    const { promise: ended, resolve: end } = Promise.withResolvers<void>();
    const onEnd = (): void => end();
    over.addEventListener("abort", onEnd, { once: true });
    try {
      const process = await this.#started.promise.catch(isOver);
      await Promise.race([action(process), ended.then(isOver)]);
    } catch (error) {
      if (isRpcFault(error)) throw error;
      if (over.aborted || (error instanceof ProcessInputError && error.code === "exited")) isOver();
      throw error instanceof ProcessInputError ? invalidRequest(STDIN_CLOSED) : internalError(systemWords(error));
    } finally {
      over.removeEventListener("abort", onEnd);
    }
  }

  async #run(process: RunningProcess, { stdout, stderr, timeoutMs }: HostedStart): Promise<HostedEnd> {
    const exit = new ExitMoment(this.#clock);
    const arrived = { stdout: new ArrivedOutput(), stderr: new ArrivedOutput() };
    const timer = this.#clock.after(timeoutMs ?? Number.POSITIVE_INFINITY, () => {
      this.#isTimedOut = true;
      process.terminate().catch(() => {});
    });
    const onExit = (): void => {
      timer.cancel();
      this.#over.abort();
    };
    process.exited.then(onExit, onExit);
    const followed = this.#follow(process, arrived, exit);
    followed.catch(() => {});
    const drained = async (source: ArrivedOutput, sink: StreamSink): Promise<DrainEnd> => {
      const end = await drainOutput(source, sink, { clock: this.#clock, exit });
      source.drop();
      return end;
    };
    const ends = await Promise.all([drained(arrived.stdout, stdout), drained(arrived.stderr, stderr), exit.passed]);
    const isLeftOpen = ends.some((end) => end === "quiet" || end === "overtime");
    // What it left in its group ends with it.
    this.#remains = process[Symbol.asyncDispose]();
    if (this.#isTimedOut) return { exitCode: EXIT_TIMED_OUT, isLeftOpen };
    const { exitCode } = await process.exited.catch((error: unknown): never => {
      throw internalError(`the process can not be followed any more: ${systemWords(error)}`);
    });
    return { exitCode, isLeftOpen };
  }

  /** Sort its output by streams, at the pace at which they are taken. */
  async #follow(
    process: RunningProcess,
    arrived: Readonly<Record<"stdout" | "stderr", ArrivedOutput>>,
    exit: ExitMoment,
  ): Promise<void> {
    try {
      for await (const event of process.events()) {
        if (event.type === "exited") exit.pass();
        if (event.type !== "output") continue;
        const stream = arrived[event.stream === "stderr" ? "stderr" : "stdout"];
        stream.push(event.data);
        if (stream.isFull) await stream.whenRoom();
      }
    } finally {
      exit.pass();
      arrived.stdout.end();
      arrived.stderr.end();
    }
  }

  async #kill(process: RunningProcess): Promise<void> {
    this.#remains = process[Symbol.asyncDispose]();
    await this.#remains;
  }
}
