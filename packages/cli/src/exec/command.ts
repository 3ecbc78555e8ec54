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
  const local = options.stdin === "none" ? undefined : new LocalInput(context.stdin);
  await using opened = await openExecutor(context, args);
  using signals = new SignalRelay();
  await using input = await chooseInput(opened.executor, local, { ...options, signal: signals.early });
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
  { tty, stdin, signal }: ExecOptions & { readonly signal: AbortSignal },
): Promise<CommandInput> {
  if (tty) return terminalInput(local);
  return local === undefined ? noInput : commandInput(executor, local, { mode: stdin, signal });
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
    throw startFailure(error, options.argv[0] ?? "");
  }
}
