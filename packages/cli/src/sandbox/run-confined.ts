import type { Executor, RunningProcess } from "@holdfast/exec-client";
import { pathUriFromNative } from "@holdfast/path-uri";
import type { Context } from "../command-line/context.ts";
import { type CommandInput, commandInput, terminalInput } from "../exec/command-input.ts";
import { ForegroundCommand } from "../exec/foreground-command.ts";
import { LocalInput } from "../exec/local-input.ts";
import { Outlet } from "../exec/outlet.ts";
import { SignalRelay } from "../exec/signals.ts";
import { terminalVariables } from "../exec/terminal-variables.ts";
import { openEmbedded } from "../executor/open-executor.ts";
import { confinementContext } from "./confinement-context.ts";
import { confinedStartFailure } from "./refusal.ts";
import type { RunTask, SandboxRequest } from "./sandbox-request.ts";

/** Run the command here, in the foreground. @returns its exit code. @throws CommandFailure it could not be started or followed. */
export async function runConfined(context: Context, request: SandboxRequest, task: RunTask): Promise<number> {
  using local = new LocalInput(context);
  await using opened = await openEmbedded(context, task.limits);
  using signals = new SignalRelay();
  const input = task.tty
    ? terminalInput(local, { shown: context.stdout, canSize: true })
    : await commandInput(opened.executor.environment, local, "stream");
  const process = await start(opened.executor, input, { context, request, task });
  const command = new ForegroundCommand(process, {
    stdout: new Outlet(context.stdout, "stdout"),
    stderr: new Outlet(context.stderr, "stderr"),
  });
  signals.attach(command);
  const exitCode = await command.follow(input.pump(process));
  if (signals.exitCode === undefined) await tellDenial(process, context);
  return signals.exitCode ?? exitCode;
}

interface Work {
  readonly context: Context;
  readonly request: SandboxRequest;
  readonly task: RunTask;
}

async function start(
  executor: Executor,
  input: CommandInput,
  { context, request, task }: Work,
): Promise<RunningProcess> {
  const { profile, cwd } = request;
  const sandbox = profile && confinementContext(profile, request);
  const folder = pathUriFromNative(cwd, "posix");
  const env = task.tty ? { ...terminalVariables(context), ...task.env } : task.env;
  try {
    return await executor.processes.start({ ...input.start(task.argv), cwd: folder, env, sandbox });
  } catch (error) {
    throw confinedStartFailure(error, task.argv[0] ?? "");
  }
}

async function tellDenial(process: RunningProcess, { stderr }: Context): Promise<void> {
  // Without an exit there is nothing to tell; the events have said why.
  const exit = await process.exited.catch(() => undefined);
  if (exit?.sandboxDenied !== true) return;
  stderr.write(
    "holdfast sandbox: the sandbox probably refused the command a file or the network; --explain PATH with the same options tells what it may touch\n",
  );
}
