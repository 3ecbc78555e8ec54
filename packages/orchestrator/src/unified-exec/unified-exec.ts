import { randomInt, randomUUID } from "node:crypto";
import { ProcessInputError } from "@holdfast/exec-client";
import { displayPath, join } from "@holdfast/path-uri";
import { type Clock, systemClock } from "@holdfast/rpc";
import { patchTool } from "../patch/patch-tool.ts";
import type { ToolCall, ToolResult } from "../tools/tool.ts";
import type { ToolPlace } from "../tools/tool-places.ts";
import { type ApprovalPolicy, denialRule, startRule } from "./approval-policy.ts";
import type { AskApproval, DeniedAttempt } from "./approvals.ts";
import { Approver } from "./approver.ts";
import { type CommandPlan, outputTokensOf, planCommand } from "./command-plan.ts";
import { CommandReport, type ExecListener } from "./command-report.ts";
import type { ExecArguments, WriteArguments } from "./exec-arguments.ts";
import type { ExecEnvironment, FindExecEnvironment } from "./exec-environment.ts";
import { ExecError, rejected, wordsOf } from "./exec-error.ts";
import type { ExecProcess } from "./exec-process.ts";
import type { ExecResult } from "./exec-result.ts";
import type { ExecSettings } from "./exec-settings.ts";
import { Latch } from "./latch.ts";
import {
  DENIED_OUTPUT_MAX_TOKENS,
  POLL_MAX_MS,
  POLL_MIN_MS,
  REACTION_MS,
  WRITE_YIELD_MS,
  YIELD_MAX_MS,
  YIELD_MIN_MS,
} from "./limits.ts";
import { outputText } from "./output-text.ts";
import { isBarePatch, patchInCommand } from "./patch-in-command.ts";
import { ProcessOwner } from "./process-owner.ts";
import type { ProcessNumbering } from "./process-table.ts";

const CTRL_C = "\u0003";
/** As many as six hexadecimal digits have. */
const CHUNK_IDS = 0x100_0000;

/** How commands are run. */
export interface UnifiedExecOptions {
  /** Finds the environment of a call. */
  readonly environments: FindExecEnvironment;
  /** What holds for commands; read at each call. Default: the defaults of each. */
  readonly settings?: ExecSettings | (() => ExecSettings) | undefined;
  /** Default: nobody can be asked, and what would have to be approved is refused. */
  readonly askApproval?: AskApproval | undefined;
  /** Milliseconds for an answer; without one, the command is not run. Default 600,000. */
  readonly approvalTimeoutMs?: number | undefined;
  /** Told what happens to commands. */
  readonly onEvent?: ExecListener | undefined;
  /** Default `random`. */
  readonly numbering?: ProcessNumbering | undefined;
  readonly clock?: Clock | undefined;
}

/** A command that has a number. */
export interface StoredCommand {
  /** For `write` and `terminate`. */
  readonly sessionId: number;
  /** Of the `exec` that started it. */
  readonly callId: string;
  readonly environmentId: string;
  readonly command: string;
  readonly tty: boolean;
  /** Undefined: it runs. */
  readonly exitCode: number | undefined;
}

/** How one look at a process is told. */
interface Look {
  readonly begunAt: number;
  readonly maxOutputTokens: number;
}

/**
 * Commands of an agent: those that take long go on under a number, and can be looked at and written to.
 *
 * A process belongs to this object, not to a call: giving up a call leaves it running. 64 are kept; one more ends the one that was not used for
 * longest.
 */
export class UnifiedExec implements AsyncDisposable {
  readonly #environments: FindExecEnvironment;
  readonly #settings: () => ExecSettings;
  readonly #approver: Approver;
  readonly #onEvent: ExecListener | undefined;
  readonly #clock: Clock;
  readonly #processes: ProcessOwner;

  constructor(options: UnifiedExecOptions) {
    const { settings = {}, clock = systemClock, numbering = "random" } = options;
    this.#environments = options.environments;
    this.#settings = typeof settings === "function" ? settings : () => settings;
    this.#approver = new Approver({ ask: options.askApproval, clock, timeoutMs: options.approvalTimeoutMs });
    this.#onEvent = options.onEvent;
    this.#clock = clock;
    this.#processes = new ProcessOwner({ clock, numbering });
  }

  /** What holds for the next call. */
  get settings(): ExecSettings {
    return this.#settings();
  }

  /** Stop the time that calls wait for commands, while somebody is asked something. Counted; until the result is disposed of. */
  pauseWaits(): Disposable {
    return this.#processes.time.pause();
  }

  /**
   * Run a command, and wait for it for a while. One that takes longer goes on, under a number.
   *
   * @throws ExecError - It was not run, or nothing is known of it any more. @throws The reason of `call.signal`, once it is aborted: a command that runs by
   * then runs on.
   */
  async exec(args: ExecArguments, call: ToolCall = {}): Promise<ExecResult> {
    const begunAt = this.#clock.now();
    const { signal, callId = randomUUID() } = call;
    const { plan, approvalPolicy, isAsked } = await this.#planned(args, { signal, callId });
    const report = new CommandReport(this.#onEvent, this.#clock, plan);
    try {
      if (isAsked) await this.#approve(plan, { unsandboxed: plan.isEscalated || plan.sandbox === undefined, signal });
      const process = await this.#run(plan, report, { approvalPolicy, signal });
      return this.#look(process, { begunAt, maxOutputTokens: plan.maxOutputTokens });
    } catch (error) {
      const isFailure = error instanceof ExecError && error.code !== "rejected";
      report.giveUp(isFailure ? "failed" : "declined");
      throw error;
    }
  }

  /**
   * Apply the patch of a command that is nothing but `apply_patch` with a here-document, which models write as they learned it: in the folder and the sandbox of
   * the command, and without a process. It has no number and no events.
   *
   * @returns Undefined: it is no such command.
   * @throws ExecError - It may not be done, or is a patch without that call. @throws The reason of `call.signal`, once it is aborted.
   */
  async patch(args: ExecArguments, call: ToolCall = {}): Promise<ToolResult | undefined> {
    if (isBarePatch(args.cmd)) throw barePatch();
    const found = patchInCommand(args.cmd);
    if (found === undefined) return undefined;
    const { signal, callId = randomUUID() } = call;
    const { plan, isAsked } = await this.#planned(args, { signal, callId });
    const sandbox = plan.isEscalated ? plan.outerSandbox : plan.sandbox;
    const unsandboxed = plan.isEscalated || sandbox === undefined;
    if (isAsked) await this.#approve(plan, { unsandboxed, signal });
    const { id, executor } = plan.environment;
    const cwd = join(plan.cwd, found.folder ?? "");
    const place: ToolPlace = { id, executor, cwd, sandbox: sandbox ?? "none" };
    const at = async (asked: string | undefined): Promise<ToolPlace> => {
      if (asked === undefined || asked === id) return place;
      throw new ExecError("environment", `the patch names environment ${asked}, but the command is for ${id}`);
    };
    return await patchTool({ ids: [id], at }).call({ input: found.input }, { callId, signal });
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
    this.#processes.checkOpen();
    const { sessionId, chars = "" } = args;
    const process = this.#processes.get(sessionId);
    if (process === undefined) {
      throw new ExecError("unknown-process", `write_stdin failed: Unknown process id ${sessionId}`);
    }
    const maxOutputTokens = outputTokensOf(args.maxOutputTokens, this.#settings());
    using _held = this.#processes.hold(process);
    if (chars !== "" && !process.isFinished) await this.#input(process, chars, signal);
    await this.#processes.time.wait(process.finished, writeWaitMs(args), signal);
    return this.#look(process, { begunAt, maxOutputTokens });
  }

  /** Those that run on, and those whose end nobody has been told yet; the one that was used last at the end. */
  list(): readonly StoredCommand[] {
    return this.#processes.stored().map(({ number: sessionId, plan, exit }) => {
      const { callId, environment, command, tty } = plan;
      return { sessionId, callId, environmentId: environment.id, command, tty, exitCode: exit?.exitCode };
    });
  }

  /** End one, and what it left running. @returns Whether there is one with that number. */
  async terminate(sessionId: number): Promise<boolean> {
    const process = this.#processes.get(sessionId);
    if (process === undefined) return false;
    await this.#processes.end(process);
    return true;
  }

  /** End all of them, and what they left running, and run no others. Takes up to some 2 s, or 4 while some are being started. */
  async close(): Promise<void> {
    this.#approver.close();
    await this.#processes.close();
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }

  /** @throws ExecError - It makes no sense, or may not even be asked for. */
  async #planned(
    args: ExecArguments,
    { signal, callId }: { readonly signal: AbortSignal | undefined; readonly callId: string },
  ): Promise<{ readonly plan: CommandPlan; readonly approvalPolicy: ApprovalPolicy; readonly isAsked: boolean }> {
    signal?.throwIfAborted();
    const environment = await this.#environmentOf(args.environmentId, signal);
    this.#processes.checkOpen();
    const settings = this.#settings();
    const { approvalPolicy = "never" } = settings;
    const plan = planCommand(args, environment, { callId, settings });
    const rule = startRule(approvalPolicy, { isEscalated: plan.isEscalated, isConfined: plan.sandbox !== undefined });
    if (rule.kind === "refuse") throw new ExecError("refused", rule.message);
    const decided = settings.ruleOf?.(args.cmd);
    const why = decided?.justification ?? "a rule of the user is against it";
    const cannotAsk = decided?.decision === "prompt" && approvalPolicy === "never";
    if (decided?.decision === "forbidden" || cannotAsk) throw rejected(`\`${args.cmd}\` rejected: ${why}`);
    const isAsked = decided?.decision === "prompt" || (rule.kind === "ask" && decided?.decision !== "allow");
    return { plan, approvalPolicy, isAsked };
  }

  async #environmentOf(id: string | undefined, signal: AbortSignal | undefined): Promise<ExecEnvironment> {
    let environment: ExecEnvironment | undefined;
    try {
      environment = await this.#environments(id, signal);
    } catch (cause) {
      signal?.throwIfAborted();
      throw new ExecError("environment", wordsOf(cause), { cause });
    }
    signal?.throwIfAborted();
    if (environment !== undefined) return environment;
    const message = id === undefined ? "there is no environment to run commands in" : unknownEnvironment(id);
    throw new ExecError("environment", message);
  }

  /** Start it, wait for it for as long as was asked for, and start it again where it was denied something and may. */
  async #run(
    plan: CommandPlan,
    report: CommandReport,
    { approvalPolicy, signal }: { readonly approvalPolicy: ApprovalPolicy; readonly signal: AbortSignal | undefined },
  ): Promise<ExecProcess> {
    const number = this.#processes.reserve();
    const sandbox = plan.isEscalated ? plan.outerSandbox : plan.sandbox;
    const first = await this.#processes.start({ plan, report, number, sandbox, signal });
    await this.#processes.firstWait(first, signal);
    // What it was refused outside of its own sandbox is refused for good.
    const rule = first.isDenied && !plan.isEscalated ? denialRule(approvalPolicy) : "fail";
    if (rule === "fail") {
      report.follow(first);
      return first;
    }
    try {
      if (rule === "ask") await this.#approve(plan, { unsandboxed: true, denied: deniedAttempt(first), signal });
    } catch (error) {
      this.#processes.told(first);
      throw error;
    }
    this.#processes.supersede(first);
    const second = await this.#processes.start({ plan, report, number, sandbox: plan.outerSandbox, signal });
    await this.#processes.firstWait(second, signal);
    report.follow(second);
    return second;
  }

  async #input(process: ExecProcess, chars: string, signal: AbortSignal | undefined): Promise<void> {
    const { tty } = process.plan;
    if (!tty && chars !== CTRL_C) {
      const message =
        "write_stdin failed: stdin is closed for this session; rerun exec_command with tty=true to keep stdin open";
      throw new ExecError("stdin", message);
    }
    const written = tty ? process.process.write(chars) : process.process.interrupt();
    await this.#processes.time.wait(Latch.of(written), Number.POSITIVE_INFINITY, signal);
    try {
      await written;
    } catch (cause) {
      // It has ended meanwhile, which is what is told.
      if (cause instanceof ProcessInputError && cause.code === "exited") return;
      throw new ExecError("stdin", "write_stdin failed: failed to write to stdin", { cause });
    }
    process.report.input(process.number, chars);
  }

  #look(process: ExecProcess, { begunAt, maxOutputTokens }: Look): ExecResult {
    const { failure, exit, isFinished, isDenied, number } = process;
    if (failure !== undefined) {
      this.#processes.told(process);
      const { error: cause } = failure;
      throw new ExecError("failed", `Unified exec process failed: ${wordsOf(cause)}`, { cause });
    }
    const { text: output, originalTokenCount } = outputText(process.takeOutput(), maxOutputTokens);
    if (isFinished) this.#processes.told(process);
    return {
      chunkId: randomInt(CHUNK_IDS).toString(16).padStart(6, "0"),
      wallTimeMs: this.#clock.now() - begunAt,
      exitCode: isFinished ? exit?.exitCode : undefined,
      sessionId: isFinished ? undefined : number,
      originalTokenCount,
      output,
      sandboxDenied: isFinished && isDenied,
    };
  }

  async #approve(
    plan: CommandPlan,
    how: {
      readonly unsandboxed: boolean;
      readonly denied?: DeniedAttempt;
      readonly signal: AbortSignal | undefined;
    },
  ): Promise<void> {
    const { callId, environment, argv, command, cwd, prefixRule, justification } = plan;
    const { unsandboxed, denied, signal } = how;
    const reason = denied === undefined ? justification : "command failed; retry without sandbox?";
    const environmentId = environment.id;
    const what = { callId, environmentId, argv, command, cwd: displayPath(cwd), prefixRule };
    await this.#approver.approve({ ...what, unsandboxed, reason, denied }, signal);
  }
}

function deniedAttempt(process: ExecProcess): DeniedAttempt {
  const { text: output } = outputText(process.takeOutput(), DENIED_OUTPUT_MAX_TOKENS);
  return { exitCode: process.exit?.exitCode ?? -1, output, denial: process.denialIn(output) };
}

function barePatch(): ExecError {
  const message =
    'apply_patch verification failed: patch detected without explicit call to apply_patch. Rerun as ["apply_patch", "<patch>"]';
  return new ExecError("arguments", message);
}

function unknownEnvironment(id: string): string {
  return `unknown turn environment id \`${id}\``;
}

/** Milliseconds that a `write_stdin` waits. */
function writeWaitMs({ chars = "", yieldTimeMs }: WriteArguments): number {
  if (chars === "") return clamp(yieldTimeMs ?? POLL_MIN_MS, POLL_MIN_MS, POLL_MAX_MS);
  return REACTION_MS + clamp(yieldTimeMs ?? WRITE_YIELD_MS, YIELD_MIN_MS, YIELD_MAX_MS);
}

function clamp(value: number, least: number, most: number): number {
  return Math.min(Math.max(value, least), most);
}
