import type { Executor, RunningProcess, StartOptions } from "@holdfast/exec-client";
import type { Arguments } from "../command-line/arguments.ts";
import type { Context } from "../command-line/context.ts";
import { type OpenExecutor, openExecutor } from "../executor/open-executor.ts";
import { recoveryTimeMs } from "../executor/recovery-time.ts";
import { recordRun } from "../runs/record-run.ts";
import { FRAMED_RUN_PROCESS_ID, RUN_PROCESS_ID } from "../runs/run-process-id.ts";
import { type CommandInput, commandInput, noInput, terminalInput } from "./command-input.ts";
import { detach } from "./detach.ts";
import { type ExecOptions, execOptions } from "./exec-options.ts";
import { ForegroundCommand } from "./foreground-command.ts";
import { LocalInput } from "./local-input.ts";
import { OutageNotice } from "./outage-notice.ts";
import { Outlet } from "./outlet.ts";
import { SignalRelay } from "./signals.ts";
import { startOptions } from "./start-command.ts";
import { startFailure } from "./start-failure.ts";

/** `holdfast exec` */
export async function run(context: Context, args: Arguments): Promise<number> {
  const options = execOptions(args);
  if (options.isDetached) return detach(context, args, options);
  // Made first, so that the terminal is given back last.
  using local = options.stdin === "none" ? undefined : new LocalInput(context);
  using notice = new OutageNotice(context.stderr, "holdfast exec", recoveryTimeMs(args));
  await using opened = await openExecutor(context, args, notice);
  using signals = new SignalRelay();
  const input = await chooseInput(opened.executor, local, options, context);
  const started = startOptions(opened.executor.environment, input, options, context);
  const cwd = started.cwd ?? opened.executor.environment.cwd;
  const process = await start(opened.executor, started, options.argv[0] ?? "");
  const command = new ForegroundCommand(process, {
    stdout: new Outlet(context.stdout, "stdout"),
    stderr: new Outlet(context.stderr, "stderr"),
    onLost: () => takingUp(context, opened, { argv: options.argv, cwd }),
  });
  signals.attach(command);
  const exitCode = await command.follow(input.pump(process));
  return signals.exitCode ?? exitCode;
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

async function start(executor: Executor, options: StartOptions, program: string): Promise<RunningProcess> {
  // A name by which `attach` finds it, should the line be lost for longer than this program waits.
  const processId = options.input !== undefined ? FRAMED_RUN_PROCESS_ID : RUN_PROCESS_ID;
  try {
    return await executor.processes.start({ ...options, processId });
  } catch (error) {
    throw startFailure(error, program);
  }
}

/** How to get at a command that this program has lost. */
async function takingUp(
  context: Context,
  { executor: { sessionId: id }, url }: OpenExecutor,
  how: Parameters<typeof recordRun>[2],
): Promise<string> {
  if (url === undefined) return "it ends with this program";
  const isRecorded = await recordRun(context, { id, url }, how).then(
    () => true,
    () => false,
  );
  const where = isRecorded ? "" : " with --url";
  return `\`holdfast attach ${id}\`${where} takes it up while the executor keeps it`;
}
