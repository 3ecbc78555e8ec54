import type { Clock } from "@holdfast/rpc";
import { checkOptions, type OptionChecks } from "./arguments/check-options.ts";
import { abortSignal, anything, byteLimit, callback, commandLine, oneOf, timeLimit } from "./arguments/checks.ts";
import { exitSignal } from "./exit-signal.ts";
import { Interruption, type InterruptionReason } from "./interruption.ts";
import { RUN_OUTPUT_MAX_BYTES } from "./limits.ts";
import type { ExitStatus, OutputEvent } from "./process/events.ts";
import type { HoldingCursor } from "./process/holding-cursor.ts";
import { type CollectedOutput, OutputCollector } from "./process/output-collector.ts";
import type { RunningProcess } from "./process/running-process.ts";
import { PROCESS_OPTIONS } from "./process/start-options.ts";
import type { LaunchedProcess, Processes } from "./processes.ts";
import { RunInterruptedError, type RunOptions, type RunResult } from "./run-types.ts";
import { type ConfinedCommand, denialOf, type SandboxDenial } from "./sandbox/sandbox-denial.ts";

/** Output as the caller asked for it. */
export type AnyRunResult = RunResult<string> | RunResult<Uint8Array>;

const RUN_OPTIONS: OptionChecks<RunOptions> = {
  ...PROCESS_OPTIONS,
  input: anything,
  timeoutMs: timeLimit,
  signal: abortSignal,
  maxOutputBytes: byteLimit,
  encoding: oneOf("utf8", "bytes"),
  onOutput: callback,
};

type Outcome =
  | { readonly kind: "ended"; readonly status: ExitStatus; readonly confined: ConfinedCommand | undefined }
  | {
      readonly kind: "interrupted";
      readonly reason: InterruptionReason;
      readonly isEnded: boolean;
      readonly exitCode: number | undefined;
    };

/** Run a command to its end and collect its output; see `Executor.run`. */
export async function runCommand(
  context: { readonly processes: Processes; readonly clock: Clock },
  argv: readonly string[],
  options: RunOptions,
): Promise<AnyRunResult> {
  commandLine(argv, "argv");
  checkOptions(options, RUN_OPTIONS, "executor.run");
  const {
    timeoutMs,
    signal,
    maxOutputBytes = RUN_OUTPUT_MAX_BYTES,
    encoding = "utf8",
    input,
    onOutput,
    ...how
  } = options;
  const collector = new OutputCollector(maxOutputBytes);
  const startedAt = context.clock.now();
  using interruption = new Interruption(context.clock, { timeoutMs, signal });
  const outcome = await launchAndFollow(
    () =>
      context.processes.launch(
        { ...how, argv, pipeStdin: input !== undefined },
        { signal: interruption.signal, reader: "fast" },
      ),
    { interruption, input, onOutput, collector },
  );
  const output = collector.collect(encoding);
  if (outcome.kind === "interrupted") {
    throw new RunInterruptedError(outcome.reason, { ...outcome, partial: output });
  }
  const { exitCode, sandboxDenied } = outcome.status;
  const died = how.tty ? undefined : exitSignal(exitCode);
  const denial = exitCode === 0 ? undefined : denialIn(output, outcome.confined);
  const result = { exitCode, signal: died, sandboxDenied, denial, durationMs: context.clock.now() - startedAt };
  return { ...result, ...output } as AnyRunResult;
}

/** A terminal has no error output of its own. */
function denialIn(
  { stderr, stdout }: CollectedOutput<string> | CollectedOutput<Uint8Array>,
  confined: ConfinedCommand | undefined,
): SandboxDenial | undefined {
  if (confined === undefined) return undefined;
  const output = stderr.length > 0 ? stderr : stdout;
  return denialOf(typeof output === "string" ? output : new TextDecoder().decode(output), confined);
}

interface Following {
  readonly interruption: Interruption;
  readonly input: string | Uint8Array | undefined;
  readonly onOutput: ((event: OutputEvent) => void) | undefined;
  readonly collector: OutputCollector;
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
  if (following.input !== undefined) feed(launched.process, following.input);
  return follow(launched, following);
}

/** Collect until the close. If anything else ends the collecting, the process is terminated rather than left unobserved. */
async function follow({ process, channel, confined }: LaunchedProcess, following: Following): Promise<Outcome> {
  const cursor = channel.subscribe();
  const collected = collectOutput(cursor, following);
  try {
    await Promise.race([collected, following.interruption.happened]);
    const { reason } = following.interruption;
    if (reason === undefined) return { kind: "ended", status: await process.closed, confined };
    const { exitCode } = following;
    await process[Symbol.asyncDispose]();
    const isEnded = channel.log.state.kind === "complete";
    if (isEnded) await collected;
    return { kind: "interrupted", reason, isEnded, exitCode };
  } catch (error) {
    await process[Symbol.asyncDispose]();
    throw error;
  } finally {
    cursor.close();
  }
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

/** A program may exit without reading its input, as in any pipeline; a lost connection ends the events as well. */
function feed(process: RunningProcess, input: string | Uint8Array): void {
  process.write(input).catch(() => {});
}
