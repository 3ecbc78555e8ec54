import type { Executor, RunningProcess } from "@holdfast/exec-client";
import { pathUriFromNative } from "@holdfast/path-uri";
import type { ParsedPermissionProfile } from "@holdfast/permission-profile";
import type { Context } from "../command-line/context.ts";
import { type CommandInput, commandInput, terminalInput } from "../exec/command-input.ts";
import { ForegroundCommand } from "../exec/foreground-command.ts";
import { LocalInput } from "../exec/local-input.ts";
import { Outlet } from "../exec/outlet.ts";
import { SignalRelay } from "../exec/signals.ts";
import { openEmbedded } from "../executor/open-executor.ts";
import { confinementContext } from "./confinement-context.ts";
import { withReadable } from "./readable-input.ts";
import { confinedStartFailure } from "./refusal.ts";
import type { RunTask, SandboxRequest } from "./sandbox-request.ts";

/** Run the command here, in the foreground. @returns its exit code. @throws CommandFailure it could not be started or followed. */
export async function runConfined(context: Context, request: SandboxRequest, task: RunTask): Promise<number> {
  const local = new LocalInput(context.stdin);
  await using opened = await openEmbedded(context);
  using signals = new SignalRelay();
  await using input = task.tty
    ? terminalInput(local)
    : await commandInput(opened.executor, local, { mode: "stream", signal: signals.early });
  const process = await start(opened.executor, input, { context, request, task });
  const command = new ForegroundCommand(process, {
    stdout: new Outlet(context.stdout, "stdout", opened.line),
    stderr: new Outlet(context.stderr, "stderr", opened.line),
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
  const started = input.start(task.argv);
  const sandbox =
    profile && confinementContext(await readingInput(profile, started.argv, { context, request, task }), request);
  // A program in a terminal needs to know of what kind it is: of the kind that shows it.
  const env = task.tty ? { TERM: context.env.TERM, ...task.env } : task.env;
  try {
    return await executor.processes.start({ ...started, cwd: pathUriFromNative(cwd, "posix"), env, sandbox });
  } catch (error) {
    throw confinedStartFailure(error, task.argv[0] ?? "");
  }
}

/** Input comes through a pipe whose path is the last word before the command: that much has to be readable. */
async function readingInput(
  profile: ParsedPermissionProfile,
  words: readonly string[],
  { context, request, task }: Work,
): Promise<ParsedPermissionProfile> {
  const pipe = words.at(-task.argv.length - 1);
  return pipe === undefined ? profile : withReadable(profile, pipe, { context, request });
}

async function tellDenial(process: RunningProcess, { stderr }: Context): Promise<void> {
  // Without an exit there is nothing to tell; the events have said why.
  const exit = await process.exited.catch(() => undefined);
  if (exit?.sandboxDenied !== true) return;
  stderr.write(
    "holdfast sandbox: the sandbox probably refused the command a file or the network; --explain PATH with the same options tells what it may touch\n",
  );
}
