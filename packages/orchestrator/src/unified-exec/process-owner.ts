import { randomUUID } from "node:crypto";
import type { Sandbox } from "@holdfast/exec-client";
import type { Clock } from "@holdfast/rpc";
import type { CommandPlan } from "./command-plan.ts";
import type { CommandReport } from "./command-report.ts";
import { ExecError, wordsOf } from "./exec-error.ts";
import { ExecProcess } from "./exec-process.ts";
import { Latch } from "./latch.ts";
import { EXIT_GRACE_MS, PROCESSES_MAX, STARTING_MAX_MS } from "./limits.ts";
import { LinkedAbort } from "./linked-abort.ts";
import { PausableTime } from "./pausable-time.ts";
import { type ProcessNumbering, ProcessTable } from "./process-table.ts";

/** What to start. */
export interface ProcessStart {
  readonly plan: CommandPlan;
  readonly report: CommandReport;
  /** One that `reserve` gave. It is released when there is no such process. */
  readonly number: number;
  /** Undefined: it runs without one. */
  readonly sandbox: Sandbox | undefined;
  readonly signal: AbortSignal | undefined;
}

/** A start that is on its way. */
interface Starting {
  readonly wanted: LinkedAbort;
  readonly settled: Promise<ExecProcess>;
}

/** Starts processes, owns all of them, whoever waits for them, and ends them. */
export class ProcessOwner {
  readonly time: PausableTime;
  readonly #clock: Clock;
  readonly #table: ProcessTable;
  readonly #starting = new Set<Starting>();
  readonly #ending = new Set<Promise<void>>();
  #isClosed = false;

  constructor({ clock, numbering }: { readonly clock: Clock; readonly numbering: ProcessNumbering }) {
    this.#clock = clock;
    this.time = new PausableTime(clock);
    this.#table = new ProcessTable(numbering);
  }

  get(number: number): ExecProcess | undefined {
    return this.#table.get(number);
  }

  /** Those with a number, the one that was used last at the end. */
  stored(): readonly ExecProcess[] {
    return this.#table.stored();
  }

  /** @throws ExecError - `closed`. */
  checkOpen(): void {
    if (this.#isClosed) throw closedError();
  }

  /** A number for a process that is to be started. @throws ExecError - `start`: too many are waited for. */
  reserve(): number {
    if (this.#table.size < PROCESSES_MAX) return this.#table.reserve();
    throw startError(`${PROCESSES_MAX} commands are waited for; wait for one of them to end`);
  }

  /**
   * Start a process, and keep it from then on.
   *
   * @throws ExecError - `start`: it could not be started. `closed`. @throws The reason of `signal`: should it have started, it is ended.
   */
  async start(what: ProcessStart): Promise<ExecProcess> {
    using wanted = new LinkedAbort(what.signal);
    const starting: Starting = { wanted, settled: this.#start(what, wanted.signal) };
    this.#starting.add(starting);
    try {
      return await starting.settled;
    } finally {
      this.#starting.delete(starting);
    }
  }

  async #start({ plan, report, number, sandbox, signal }: ProcessStart, wanted: AbortSignal): Promise<ExecProcess> {
    try {
      this.checkOpen();
      const { executor } = plan.environment;
      const options = plan.startOptions(`${number}-${randomUUID()}`, sandbox);
      // It is never read slowly, and so needs no connection of its own.
      const how = { signal: wanted, reader: "fast", isControlled: false } as const;
      const { process, denialIn } = await executor.processes.launch(options, how);
      const isConfined = sandbox !== undefined;
      const started = new ExecProcess(process, { number, plan, report, isConfined, denialIn, clock: this.#clock });
      report.started(number, isConfined);
      if (!this.#isClosed) {
        this.#endIfAny(this.#table.store(started));
        return started;
      }
      report.follow(started);
      await this.end(started);
      throw closedError();
    } catch (cause) {
      this.#table.release(number);
      signal?.throwIfAborted();
      this.checkOpen();
      throw startError(wordsOf(cause), cause);
    }
  }

  /** Wait for the end of a process that was just started, but no longer than its plan says. @throws The reason of `signal`: it runs on. */
  async firstWait(process: ExecProcess, signal: AbortSignal | undefined): Promise<void> {
    try {
      await this.time.wait(process.finished, process.plan.yieldMs, signal);
    } catch (error) {
      process.report.follow(process);
      throw error;
    } finally {
      process.waiters -= 1;
    }
  }

  /** Use a process: until the result is disposed of it is not ended for another. */
  hold(process: ExecProcess): Disposable {
    process.waiters += 1;
    this.#table.touch(process);
    return {
      [Symbol.dispose]: () => {
        process.waiters -= 1;
      },
    };
  }

  /** Its end has been told: the number is free, and what it left running goes on. */
  told(process: ExecProcess): void {
    this.#endIfAny(this.#table.finish(process));
  }

  /** Another takes its number. What it left running goes on. */
  supersede(process: ExecProcess): void {
    this.#endIfAny(this.#table.supersede(process));
  }

  /** End it, and what it left running. Never rejects. */
  async end(process: ExecProcess): Promise<void> {
    this.#table.forget(process);
    const ended = this.#endAndTell(process);
    this.#ending.add(ended);
    await ended;
    this.#ending.delete(ended);
  }

  /** End all of them, and start no others: what is being started is waited for, for a while, and ended as well. */
  async close(): Promise<void> {
    this.#isClosed = true;
    this.time.close();
    for (const process of this.#table.clear()) void this.end(process);
    const starting = [...this.#starting];
    const settled = Promise.allSettled(starting.map((each) => each.settled));
    await this.time.wait(Latch.of(settled), STARTING_MAX_MS);
    for (const { wanted } of starting) wanted.abort(closedError());
    await Promise.all(this.#ending);
  }

  #endIfAny(process: ExecProcess | undefined): void {
    if (process !== undefined) void this.end(process);
  }

  async #endAndTell({ process, closed }: ExecProcess): Promise<void> {
    await process[Symbol.asyncDispose]();
    // Its own end is told before that of all.
    await this.time.wait(Latch.of(closed), EXIT_GRACE_MS);
  }
}

function startError(detail: string, cause?: unknown): ExecError {
  return new ExecError("start", `Failed to create unified exec process: ${detail}`, { cause });
}

function closedError(): ExecError {
  return new ExecError("closed", "commands are not run any more: all of them have been ended");
}
