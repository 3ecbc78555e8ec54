import { type Clock, isLinkError } from "@holdfast/rpc";
import {
  abortSignal,
  byteLimit,
  callback,
  checkOptions,
  commandLine,
  flag,
  type OptionChecks,
  oneOf,
  timeLimit,
} from "@holdfast/rpc/client";
import type { Bytes } from "./bytes.ts";
import { withCallersStack } from "./errors/callers-stack.ts";
import { CommandFailedError } from "./errors/command-failed-error.ts";
import { startErrorBehindShell } from "./errors/start-behind-shell.ts";
import { exitSignal } from "./exit-signal.ts";
import { Interruption, type InterruptionReason } from "./interruption.ts";
import { RUN_OUTPUT_MAX_BYTES } from "./limits.ts";
import { type Ending, endProcess } from "./process/end-process.ts";
import type { ExitStatus, OutputEvent } from "./process/events.ts";
import type { HoldingCursor } from "./process/holding-cursor.ts";
import { type CollectedOutput, OutputCollector, type OutputEncoding } from "./process/output-collector.ts";
import type { RunningProcess } from "./process/running-process.ts";
import { PROCESS_OPTIONS } from "./process/start-options.ts";
import type { LaunchedProcess, Processes } from "./processes.ts";
import { RunInterruptedError, type RunOptions, type RunResult } from "./run-types.ts";
import { settledWithin } from "./settled-within.ts";

/** Output as the caller asked for it. */
export type AnyRunResult = RunResult<string> | RunResult<Bytes>;

const RUN_OPTIONS: OptionChecks<RunOptions<OutputEncoding>> = {
  ...PROCESS_OPTIONS,
  timeoutMs: timeLimit,
  signal: abortSignal,
  check: flag,
  maxOutputBytes: byteLimit,
  encoding: oneOf("utf8", "bytes"),
  waitFor: oneOf("close", "exit"),
  onOutput: callback,
};

type Outcome =
  | { readonly kind: "ended"; readonly status: ExitStatus; readonly launched: LaunchedProcess }
  | {
      readonly kind: "interrupted";
      readonly reason: InterruptionReason;
      readonly isEnded: boolean;
      readonly exitCode: number | undefined;
    };

interface RunContext {
  readonly processes: Processes;
  readonly clock: Clock;
  /** Milliseconds that output may come behind the exit of the command that printed it. */
  readonly drainMs: number;
}

/** Run a command to its end and collect its output; see `Executor.run`. */
export async function runCommand(
  context: RunContext,
  argv: readonly string[],
  options: RunOptions<OutputEncoding>,
): Promise<AnyRunResult> {
  commandLine(argv, "argv");
  checkOptions(options, RUN_OPTIONS, "executor.run");
  const {
    timeoutMs,
    signal,
    check = false,
    maxOutputBytes = RUN_OUTPUT_MAX_BYTES,
    encoding = "utf8",
    waitFor = "close",
    onOutput,
    ...how
  } = options;
  const collector = new OutputCollector(maxOutputBytes);
  const startedAt = context.clock.now();
  using interruption = new Interruption(context.clock, { timeoutMs, signal });
  const outcome = await launchAndFollow(
    () => context.processes.launch({ ...how, argv }, { signal: interruption.signal, reader: "fast" }),
    { interruption, onOutput, collector, waitFor, ending: how, clock: context.clock, drainMs: context.drainMs },
  );
  const output = collector.collect(encoding);
  if (outcome.kind === "interrupted") {
    throw new RunInterruptedError<string | Bytes>(outcome.reason, { ...outcome, partial: output });
  }
  const { exitCode, sandboxDenied } = outcome.status;
  const { plan, denialIn } = outcome.launched;
  const notStarted = plan.isBehindShell
    ? startErrorBehindShell({ argv, cwd: plan.params.cwd }, { exitCode, output: errorOutputOf(output) })
    : undefined;
  if (notStarted !== undefined) throw notStarted;
  const died = how.tty || how.terminal !== undefined ? undefined : exitSignal(exitCode);
  const denial = exitCode === 0 ? undefined : denialIn(errorOutputOf(output));
  const result = { exitCode, signal: died, sandboxDenied, denial, durationMs: context.clock.now() - startedAt };
  const whole = { ...result, ...output } as AnyRunResult;
  if (check && exitCode !== 0) throw new CommandFailedError([...argv], whole as RunResult<string | Bytes>);
  return whole;
}

/** A terminal has no error output of its own. */
function errorOutputOf({ stderr, stdout }: CollectedOutput<string> | CollectedOutput<Bytes>): string {
  const output = stderr.length > 0 ? stderr : stdout;
  return typeof output === "string" ? output : new TextDecoder().decode(output);
}

interface Following {
  readonly interruption: Interruption;
  readonly onOutput: ((event: OutputEvent) => void) | undefined;
  readonly collector: OutputCollector;
  readonly waitFor: "close" | "exit";
  readonly ending: Ending;
  readonly clock: Clock;
  readonly drainMs: number;
  /** Of the command itself, once it is told. */
  exitCode?: number;
}

async function launchAndFollow(launch: () => Promise<LaunchedProcess>, following: Following): Promise<Outcome> {
  let launched: LaunchedProcess;
  try {
    launched = await launch();
  } catch (error) {
    const { reason } = following.interruption;
    if (reason === undefined) throw error;
    return { kind: "interrupted", reason, isEnded: false, exitCode: undefined };
  }
  return follow(launched, following);
}

/** Collect until the end. If anything else ends the collecting, the process is ended rather than left unobserved. */
async function follow(launched: LaunchedProcess, following: Following): Promise<Outcome> {
  const { process, channel } = launched;
  const { clock, ending, interruption } = following;
  const cursor = channel.subscribe();
  const collected = collectOutput(cursor, following);
  const failed = process.inputSent.then(() => new Promise<never>(() => {}));
  const exited = following.waitFor === "exit" ? [drained(process, collected, following)] : [];
  try {
    await Promise.race([collected, failed, interruption.happened, ...exited]);
    const { reason } = interruption;
    if (reason === undefined) return { kind: "ended", status: await process.exited, launched };
    const { exitCode } = following;
    await endProcess(process, ending, clock);
    const isEnded = channel.log.state.kind === "complete";
    if (isEnded) await collected;
    return { kind: "interrupted", reason, isEnded, exitCode };
  } catch (error) {
    await endProcess(process, ending, clock);
    throw isLinkError(error) ? withCallersStack(error) : error;
  } finally {
    cursor.close();
  }
}

/** Resolves when the command has ended, and what it printed before that has arrived. */
async function drained(
  process: RunningProcess,
  collected: Promise<void>,
  { clock, drainMs }: Following,
): Promise<void> {
  await process.exited;
  await settledWithin(collected, drainMs, clock);
}

async function collectOutput(cursor: HoldingCursor, following: Following): Promise<void> {
  const { collector, onOutput } = following;
  for (let event = await cursor.next(); event !== undefined; event = await cursor.next()) {
    if (event.type === "exited") following.exitCode = event.exitCode;
    if (event.type !== "output") continue;
    collector.add(event);
    onOutput?.(event);
  }
}
