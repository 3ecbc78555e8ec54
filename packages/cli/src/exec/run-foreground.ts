import {
  type Environment,
  type Executor,
  isLinkError,
  type RunningProcess,
  type StartOptions,
} from "@holdfast/exec-client";
import type { Arguments } from "../command-line/arguments.ts";
import type { Context } from "../command-line/context.ts";
import { printableLines } from "../command-line/printable.ts";
import { type OpenExecutor, openExecutor } from "../executor/open-executor.ts";
import { recoveryTimeMs } from "../executor/recovery-time.ts";
import { isNullDevice } from "../null-device.ts";
import type { recordRun } from "../runs/record-run.ts";
import { FRAMED_RUN_PROCESS_ID, RUN_PROCESS_ID } from "../runs/run-process-id.ts";
import { type CommandInput, commandInput, noInput, terminalInput } from "./command-input.ts";
import type { ExecOptions } from "./exec-options.ts";
import { ForegroundCommand } from "./foreground-command.ts";
import { LocalInput } from "./local-input.ts";
import { OutageNotice } from "./outage-notice.ts";
import { Outlet } from "./outlet.ts";
import { SignalRelay } from "./signals.ts";
import { startOptions } from "./start-command.ts";
import { startFailure } from "./start-failure.ts";
import { tellTakeOvers } from "./tell-take-overs.ts";
import { TerminalEscapes } from "./terminal-escapes.ts";

const STDIN = 0;

/** A command that is to run in front of the user. */
export interface ForegroundRun extends Pick<ExecOptions, "tty" | "stdin"> {
  /** Of the command of this program, e.g. `exec`. */
  readonly name: string;
  /** What begins an escape at the start of a line; undefined: nothing. */
  readonly escapedBy: string | undefined;
  /** What to run, once it is known where. */
  readonly optionsFor: (environment: Environment) => ExecOptions;
}

/**
 * Run it on the executor that the arguments name, to its end.
 *
 * @returns the exit code for this program: that of the command, or 0 when it was left running.
 * @throws CommandFailure it could not be started or followed.
 */
export async function runForeground(context: Context, args: Arguments, run: ForegroundRun): Promise<number> {
  const name = `holdfast ${run.name}`;
  // Nobody reads a null device: Node starts four threads for it, and what `nohup` puts in place of a terminal can't be read at all.
  const isNothing = run.stdin === "none" || (!run.tty && isNullDevice(STDIN));
  // Made first, so that the terminal is given back last.
  using local = isNothing ? undefined : new LocalInput(context);
  using notice = new OutageNotice(context.stderr, name, recoveryTimeMs(args));
  await using opened = await open(context, args, { local, notice });
  const { executor } = opened;
  const options = run.optionsFor(executor.environment);
  using signals = new SignalRelay();
  const input = await chooseInput(executor, local, options, context);
  const started = startOptions(executor.environment, input, options, context);
  const cwd = started.cwd ?? executor.environment.cwd;
  const onLost = (): Promise<string> => takingUp(context, opened, { argv: options.argv, cwd });
  const process = await start(executor, started, options.argv[0] ?? "", onLost);
  const end = run.tty && context.stderr.isTTY ? "\r\n" : "\n";
  const say = (text: string): void => void context.stderr.write(printableLines(`${name}: ${text}`) + end);
  const command = new ForegroundCommand(process, {
    stdout: new Outlet(context.stdout, "stdout"),
    stderr: new Outlet(context.stderr, "stderr"),
    onLost,
    onUnended: say,
    isReachable: () => executor.state === "connected",
  });
  signals.attach(command);
  const escapes = escapesOf(run, { local, opened, name, context, command });
  if (escapes !== undefined) notice.keysText = escapes.summary;
  if (run.tty && local?.isTerminal === true) void tellTakeOvers(executor, process, say);
  const exitCode = await command.follow(input.pump(process, escapes?.keys));
  if (command.isLeft) say(`it runs on: ${await onLost()}`);
  return signals.exitCode ?? exitCode;
}

/** Open the executor, on the way to which somebody may be asked for a password. */
async function open(
  context: Context,
  args: Arguments,
  { local, notice }: { readonly local: LocalInput | undefined; readonly notice: OutageNotice },
): Promise<OpenExecutor> {
  using _ = local?.leaveToOthers();
  return await openExecutor(context, args, notice);
}

interface EscapeParts {
  readonly local: LocalInput | undefined;
  readonly opened: OpenExecutor;
  readonly name: string;
  readonly context: Context;
  readonly command: ForegroundCommand;
}

/** Only where a person sits in front of it: the bytes of a pipe are all for the command. */
function escapesOf(
  { tty, escapedBy }: ForegroundRun,
  { local, opened, name, context: { stderr }, command }: EscapeParts,
): TerminalEscapes | undefined {
  if (!tty || escapedBy === undefined || local?.isTerminal !== true) return undefined;
  const detach = opened.url === undefined ? undefined : () => command.detach();
  return new TerminalEscapes(escapedBy, { name, stderr }, { quit: () => command.quit(), detach });
}

async function chooseInput(
  executor: Executor,
  local: LocalInput | undefined,
  { tty, stdin }: ExecOptions,
  { stdout }: Pick<Context, "stdout">,
): Promise<CommandInput> {
  const canSize = executor.environment.capabilities.holdfastProcessControl;
  if (tty) return terminalInput(local, { shown: stdout, canSize });
  return local === undefined || stdin === "none" ? noInput : commandInput(executor.environment, local, stdin);
}

async function start(
  executor: Executor,
  options: StartOptions,
  program: string,
  onLost: () => Promise<string>,
): Promise<RunningProcess> {
  // A name by which `attach` finds it, should the line be lost for longer than this program waits.
  const processId = options.input !== undefined ? FRAMED_RUN_PROCESS_ID : RUN_PROCESS_ID;
  try {
    return await executor.processes.start({ ...options, processId });
  } catch (error) {
    const mayRun = isLinkError(error) && error.delivery !== "not-sent";
    throw startFailure(error, program, mayRun ? await onLost() : undefined);
  }
}

/** How to get at a command that this program has lost, or leaves. */
async function takingUp(
  context: Context,
  { executor: { sessionId: id }, url }: OpenExecutor,
  how: Parameters<typeof recordRun>[2],
): Promise<string> {
  if (url === undefined) return "it ends with this program";
  // Seldom, and a command pays for each module that it loads.
  const isRecorded = await import("../runs/record-run.ts")
    .then((records) => records.recordRun(context, { id, url }, how))
    .then(
      () => true,
      () => false,
    );
  const where = isRecorded ? "" : " with --url";
  return `\`holdfast attach ${id}\`${where} takes it up while the executor keeps it, \`holdfast kill\` ends it`;
}
