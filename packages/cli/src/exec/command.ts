import type { Executor, RunningProcess } from "@holdfast/exec-client";
import type { Arguments } from "../command-line/arguments.ts";
import type { Context } from "../command-line/context.ts";
import { openExecutor } from "../executor/open-executor.ts";
import { type CommandInput, commandInput, noInput, terminalInput } from "./command-input.ts";
import { detach } from "./detach.ts";
import { type ExecOptions, execOptions } from "./exec-options.ts";
import { ForegroundCommand } from "./foreground-command.ts";
import { LocalInput } from "./local-input.ts";
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
  await using opened = await openExecutor(context, args);
  using signals = new SignalRelay();
  const input = await chooseInput(opened.executor, local, options);
  const process = await start(opened.executor, input, options, context);
  const command = new ForegroundCommand(process, {
    stdout: new Outlet(context.stdout, "stdout", opened.line),
    stderr: new Outlet(context.stderr, "stderr", opened.line),
  });
  signals.attach(command);
  const exitCode = await command.follow(input.pump(process));
  return signals.exitCode ?? exitCode;
}

async function chooseInput(
  executor: Executor,
  local: LocalInput | undefined,
  { tty, stdin }: ExecOptions,
): Promise<CommandInput> {
  if (tty) return terminalInput(local);
  return local === undefined || stdin === "none" ? noInput : commandInput(executor.environment, local, stdin);
}

async function start(
  executor: Executor,
  input: CommandInput,
  options: ExecOptions,
  context: Context,
): Promise<RunningProcess> {
  const started = startOptions(executor.environment, input, options, context);
  try {
    return await executor.processes.start(started);
  } catch (error) {
    const cwd = started.cwd ?? executor.environment.cwd;
    throw await startFailure(error, { executor, program: options.argv[0] ?? "", cwd });
  }
}
