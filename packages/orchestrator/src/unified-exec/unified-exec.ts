import { randomBytes, randomUUID } from "node:crypto";
import { ProcessInputError, type Sandbox, type SandboxDenial } from "@holdfast/exec-client";
import { displayPath } from "@holdfast/path-uri";
import { type Clock, systemClock } from "@holdfast/rpc";
import type { ToolCall } from "../tools/tool.ts";
import { type ApprovalPolicy, denialRule, startRule } from "./approval-policy.ts";
import type { ApprovalRequest, AskApproval, DeniedAttempt } from "./approvals.ts";
import { Approver } from "./approver.ts";
import { type CommandPlan, outputTokensOf, planCommand } from "./command-plan.ts";
import { CommandReport, type ExecListener } from "./command-report.ts";
import type { ExecArguments, WriteArguments } from "./exec-arguments.ts";
import type { ExecEnvironment, FindExecEnvironment } from "./exec-environment.ts";
import { ExecError, wordsOf } from "./exec-error.ts";
import { ExecProcess } from "./exec-process.ts";
import type { ExecResult } from "./exec-result.ts";
import type { ExecSettings } from "./exec-settings.ts";
import { Latch } from "./latch.ts";
import {
  DENIED_OUTPUT_MAX_TOKENS,
  EXIT_GRACE_MS,
  POLL_MAX_MS,
  POLL_MIN_MS,
  PROCESSES_MAX,
  REACTION_MS,
  WRITE_YIELD_MS,
  YIELD_MAX_MS,
  YIELD_MIN_MS,
} from "./limits.ts";
import { LinkedAbort } from "./linked-abort.ts";
import { outputText } from "./output-text.ts";
import { PausableTime } from "./pausable-time.ts";
import { type ProcessNumbering, ProcessTable } from "./process-table.ts";

const CTRL_C = "\u0003";

/** How commands are run. */
export interface UnifiedExecOptions {
  /** Finds the environment of a call. */
  readonly environments: FindExecEnvironment;
  /** What holds for commands; read at each call. Default: the defaults of each. */
  readonly settings?: ExecSettings | (() => ExecSettings) | undefined;
  /** Default: nobody can be asked, and what would have to be approved is refused. */
  readonly askApproval?: AskApproval | undefined;
  /** Milliseconds for an answer. Default 600,000. */
  readonly approvalTimeoutMs?: number | undefined;
  readonly onEvent?: ExecListener | undefined;
  readonly numbering?: ProcessNumbering | undefined;
  readonly clock?: Clock | undefined;
}

/** A command that has a number. */
export interface StoredCommand {
  readonly sessionId: number;
  readonly callId: string;
  readonly environmentId: string;
  readonly command: string;
  readonly tty: boolean;
  /** Undefined: it runs. */
  readonly exitCode: number | undefined;
}

/** What is known of a process besides what it does. */
interface ProcessFacts {
  readonly plan: CommandPlan;
  readonly report: CommandReport;
  readonly isConfined: boolean;
  denialIn(output: string): SandboxDenial | undefined;
}

interface RunHow {
  readonly approvalPolicy: ApprovalPolicy;
  readonly signal: AbortSignal | undefined;
  readonly begunAt: number;
}

interface StartHow {
  readonly number: number;
  /** Undefined: it runs without one. */
  readonly sandbox: Sandbox | undefined;
  readonly signal: AbortSignal | undefined;
}

/** Commands of an agent: those that take long go on under a number, and can be looked at and written to. */
export class UnifiedExec implements AsyncDisposable {
  readonly #environments: FindExecEnvironment;
  readonly #settings: () => ExecSettings;
  readonly #approver: Approver;
  readonly #onEvent: ExecListener | undefined;
  readonly #clock: Clock;
  readonly #time: PausableTime;
  readonly #table: ProcessTable;
  readonly #facts = new WeakMap<ExecProcess, ProcessFacts>();
  readonly #starting = new Set<LinkedAbort>();
  readonly #ending = new Set<Promise<void>>();
  #isClosed = false;

  constructor(options: UnifiedExecOptions) {
    const { settings = {}, clock = systemClock } = options;
    this.#environments = options.environments;
    this.#settings = typeof settings === "function" ? settings : () => settings;
    this.#approver = new Approver({ ask: options.askApproval, clock, timeoutMs: options.approvalTimeoutMs });
    this.#onEvent = options.onEvent;
    this.#clock = clock;
    this.#time = new PausableTime(clock);
    this.#table = new ProcessTable(options.numbering ?? "random");
  }

  /** What holds for the next call. */
  get settings(): ExecSettings {
    return this.#settings();
  }

  /** Stop the time that calls wait for commands, while somebody is asked something. Counted; until the result is disposed of. */
  pauseWaits(): Disposable {
    return this.#time.pause();
  }

  /**
   * Run a command, and wait for it for a while. One that takes longer goes on, under a number.
   *
   * @throws ExecError - It was not run, or nothing is known of it any more. @throws The reason of `call.signal`, once it is aborted: one that runs by
   * then runs on.
   */
  async exec(args: ExecArguments, call: ToolCall = {}): Promise<ExecResult> {
    const begunAt = this.#clock.now();
    const { signal, callId = randomUUID() } = call;
    signal?.throwIfAborted();
    const environment = await this.#environmentOf(args.environmentId, signal);
    this.#checkOpen();
    const settings = this.#settings();
    const { approvalPolicy = "never" } = settings;
    const plan = planCommand(args, environment, { callId, settings });
    const rule = startRule(approvalPolicy, plan.isEscalated);
    if (rule.kind === "refuse") throw new ExecError("refused", rule.message);
    const report = new CommandReport(this.#onEvent, this.#clock, plan);
    try {
      if (rule.kind === "ask") await this.#approve(plan, { unsandboxed: plan.isEscalated }, signal);
      return await this.#run(plan, report, { approvalPolicy, signal, begunAt });
    } catch (error) {
      const isFailure = error instanceof ExecError && error.code !== "rejected";
      report.giveUp(isFailure ? "failed" : "declined");
      throw error;
    }
  }

  /**
   * Write to a command that runs on, or send it an interrupt, and look what it has printed since the last time.
   *
   * @throws ExecError - There is no such command, it takes no input, or nothing is known of it any more. @throws The reason of `call.signal`, once it is
   * aborted.
   */
  async write(args: WriteArguments, call: ToolCall = {}): Promise<ExecResult> {
    const begunAt = this.#clock.now();
    const { signal } = call;
    signal?.throwIfAborted();
    this.#checkOpen();
    const { sessionId, chars = "" } = args;
    const process = this.#table.get(sessionId);
    if (process === undefined) {
      throw new ExecError("unknown-process", `write_stdin failed: Unknown process id ${sessionId}`);
    }
    const maxOutputTokens = outputTokensOf(args.maxOutputTokens, this.#settings());
    return await this.#waitingFor(process, async () => {
      if (chars !== "" && !process.isFinished) await this.#input(process, chars, signal);
      await this.#time.wait(process.finished, writeWaitMs(args), signal);
      return this.#look(process, { begunAt, maxOutputTokens });
    });
  }

  /** Those that run on, and those whose end nobody has been told yet; the one that was used last at the end. */
  list(): readonly StoredCommand[] {
    return this.#table.stored().map((process) => {
      const { plan } = this.#factsOf(process);
      const { callId, command, environment } = plan;
      const exitCode = process.exit?.exitCode;
      return { sessionId: process.number, callId, environmentId: environment.id, command, tty: process.tty, exitCode };
    });
  }

  /** End one, and what it left running. @returns Whether there is one with that number. */
  async terminate(sessionId: number): Promise<boolean> {
    const process = this.#table.get(sessionId);
    if (process === undefined) return false;
    this.#table.release(sessionId);
    await this.#end(process);
    return true;
  }

  /** End all of them, and what they left running, and run no others. Takes up to some 2 s. */
  async close(): Promise<void> {
    this.#isClosed = true;
    this.#approver.close();
    this.#time.close();
    for (const wanted of this.#starting) wanted.abort(closedError());
    for (const process of this.#table.clear()) void this.#end(process);
    await Promise.all(this.#ending);
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }

  async #environmentOf(id: string | undefined, signal: AbortSignal | undefined): Promise<ExecEnvironment> {
    let environment: ExecEnvironment | undefined;
    try {
      environment = await this.#environments(id, signal);
    } catch (cause) {
      signal?.throwIfAborted();
      throw new ExecError("environment", wordsOf(cause), { cause });
    }
    if (environment !== undefined) return environment;
    throw new ExecError(
      "environment",
      id === undefined ? "there is no environment to run commands in" : `unknown turn environment id \`${id}\``,
    );
  }

  async #run(plan: CommandPlan, report: CommandReport, how: RunHow): Promise<ExecResult> {
    const { signal } = how;
    const look = { begunAt: how.begunAt, maxOutputTokens: plan.maxOutputTokens };
    const sandbox = plan.isEscalated ? undefined : plan.sandbox;
    const first = await this.#start(plan, report, { number: this.#reserve(), sandbox, signal });
    const isDenied = await this.#firstWait(first, { plan, report, signal });
    const rule = isDenied ? denialRule(how.approvalPolicy) : "fail";
    if (rule === "fail") {
      report.follow(first);
      return this.#look(first, look);
    }
    try {
      if (rule === "ask") await this.#approve(plan, { unsandboxed: true, denied: this.#deniedAttempt(first) }, signal);
    } catch (error) {
      this.#told(first);
      throw error;
    }
    // What it left running goes on, and its number is that of the second attempt.
    this.#endIfAny(this.#table.linger(first));
    const second = await this.#start(plan, report, { number: first.number, sandbox: undefined, signal });
    await this.#firstWait(second, { plan, report, signal });
    report.follow(second);
    return this.#look(second, look);
  }

  /** @returns Whether its sandbox has refused it something. @throws The reason of `signal`: it runs on. */
  async #firstWait(
    process: ExecProcess,
    { plan, report, signal }: { plan: CommandPlan; report: CommandReport; signal: AbortSignal | undefined },
  ): Promise<boolean> {
    try {
      await this.#waitingFor(process, () => this.#time.wait(process.finished, plan.yieldMs, signal));
    } catch (error) {
      report.follow(process);
      throw error;
    }
    const { isConfined } = this.#factsOf(process);
    return isConfined && process.exit?.sandboxDenied === true;
  }

  async #start(plan: CommandPlan, report: CommandReport, how: StartHow): Promise<ExecProcess> {
    const { number, sandbox, signal } = how;
    const { executor } = plan.environment;
    using wanted = new LinkedAbort(signal);
    this.#starting.add(wanted);
    try {
      this.#checkOpen();
      const options = plan.startOptions(`${number}-${randomUUID()}`, sandbox);
      // Never read slowly: it needs no connection of its own.
      const launched = await executor.processes.launch(options, {
        signal: wanted.signal,
        reader: "fast",
        isControlled: false,
      });
      const watcher = report.watcherOf(number);
      const process = new ExecProcess(launched.process, { number, tty: plan.tty, watcher, clock: this.#clock });
      const isConfined = sandbox !== undefined;
      this.#facts.set(process, { plan, report, isConfined, denialIn: launched.denialIn });
      report.started(number, isConfined);
      this.#endIfAny(this.#table.store(process));
      return process;
    } catch (cause) {
      this.#table.release(number);
      signal?.throwIfAborted();
      if (cause instanceof ExecError) throw cause;
      throw new ExecError("start", `Failed to create unified exec process: ${wordsOf(cause)}`, { cause });
    } finally {
      this.#starting.delete(wanted);
    }
  }

  #reserve(): number {
    if (this.#table.size < PROCESSES_MAX) return this.#table.reserve();
    throw new ExecError(
      "start",
      `Failed to create unified exec process: ${PROCESSES_MAX} commands are waited for; wait for one of them to end`,
    );
  }

  async #waitingFor<Result>(process: ExecProcess, wait: () => Promise<Result>): Promise<Result> {
    process.waiters += 1;
    this.#table.touch(process);
    try {
      return await wait();
    } finally {
      process.waiters -= 1;
    }
  }

  async #input(process: ExecProcess, chars: string, signal: AbortSignal | undefined): Promise<void> {
    if (!process.tty && chars !== CTRL_C) {
      const message =
        "write_stdin failed: stdin is closed for this session; rerun exec_command with tty=true to keep stdin open";
      throw new ExecError("stdin", message);
    }
    const written = process.tty ? process.process.write(chars) : process.process.interrupt();
    await this.#time.wait(Latch.of(written), Number.POSITIVE_INFINITY, signal);
    try {
      await written;
    } catch (cause) {
      // It has ended meanwhile, which is what is told.
      if (cause instanceof ProcessInputError && cause.code === "exited") return;
      throw new ExecError("stdin", "write_stdin failed: failed to write to stdin", { cause });
    }
    this.#factsOf(process).report.input(process.number, chars);
  }

  #look(
    process: ExecProcess,
    { begunAt, maxOutputTokens }: { readonly begunAt: number; readonly maxOutputTokens: number },
  ): ExecResult {
    const { failure, exit, isFinished } = process;
    if (failure !== undefined) {
      this.#told(process);
      const { error: cause } = failure;
      throw new ExecError("failed", `Unified exec process failed: ${wordsOf(cause)}`, { cause });
    }
    const { text, originalTokenCount } = outputText(process.takeOutput(), maxOutputTokens);
    if (isFinished) this.#told(process);
    return {
      chunkId: randomBytes(3).toString("hex"),
      wallTimeMs: this.#clock.now() - begunAt,
      exitCode: isFinished ? exit?.exitCode : undefined,
      sessionId: isFinished ? undefined : process.number,
      originalTokenCount,
      output: text,
      sandboxDenied: isFinished && exit?.sandboxDenied === true,
    };
  }

  async #approve(
    plan: CommandPlan,
    { unsandboxed, denied }: { readonly unsandboxed: boolean; readonly denied?: DeniedAttempt },
    signal: AbortSignal | undefined,
  ): Promise<void> {
    const { callId, environment, argv, command, cwd, prefixRule, justification } = plan;
    const request: ApprovalRequest = {
      callId,
      environmentId: environment.id,
      argv,
      command,
      cwd: displayPath(cwd),
      unsandboxed,
      reason: denied === undefined ? justification : "command failed; retry without sandbox?",
      prefixRule,
      denied,
    };
    await this.#approver.approve(request, signal);
  }

  #deniedAttempt(process: ExecProcess): DeniedAttempt {
    const { text: output } = outputText(process.takeOutput(), DENIED_OUTPUT_MAX_TOKENS);
    const denial = this.#factsOf(process).denialIn(output);
    return { exitCode: process.exit?.exitCode ?? -1, output, denial };
  }

  /** Its end has been told. */
  #told(process: ExecProcess): void {
    this.#endIfAny(this.#table.finish(process));
  }

  #endIfAny(process: ExecProcess | undefined): void {
    if (process !== undefined) void this.#end(process);
  }

  /** Never rejects. */
  async #end(process: ExecProcess): Promise<void> {
    const ended = this.#endAndTell(process);
    this.#ending.add(ended);
    await ended;
    this.#ending.delete(ended);
  }

  async #endAndTell({ process, closed }: ExecProcess): Promise<void> {
    await process[Symbol.asyncDispose]();
    // Its end is told before that of everything.
    await this.#time.wait(Latch.of(closed), EXIT_GRACE_MS);
  }

  #factsOf(process: ExecProcess): ProcessFacts {
    const facts = this.#facts.get(process);
    if (facts === undefined) throw new Error(`process ${process.number} has not been stored`);
    return facts;
  }

  #checkOpen(): void {
    if (this.#isClosed) throw closedError();
  }
}

function closedError(): ExecError {
  return new ExecError("closed", "commands are not run any more: all of them have been ended");
}

/** Milliseconds that a `write_stdin` waits. */
function writeWaitMs({ chars = "", yieldTimeMs }: WriteArguments): number {
  if (chars === "") return clamp(yieldTimeMs ?? POLL_MIN_MS, POLL_MIN_MS, POLL_MAX_MS);
  return REACTION_MS + clamp(yieldTimeMs ?? WRITE_YIELD_MS, YIELD_MIN_MS, YIELD_MAX_MS);
}

function clamp(value: number, least: number, most: number): number {
  return Math.min(Math.max(value, least), most);
}
