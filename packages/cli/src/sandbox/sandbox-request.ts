import type { ExecutorLimits } from "@holdfast/executor";
import { narrowsNothing } from "@holdfast/sandbox";
import type { Arguments } from "../command-line/arguments.ts";
import type { Context } from "../command-line/context.ts";
import { UsageError } from "../command-line/failure.ts";
import { COMMAND_LIMIT_OPTIONS } from "../executor/command-limit-options.ts";
import { existingFolder, localPath } from "./local-path.ts";
import { chosenProfile, type Profile } from "./profile.ts";

/** Run a command. */
export interface RunTask {
  readonly kind: "run";
  readonly argv: readonly string[];
  readonly env: Readonly<Record<string, string>>;
  readonly tty: boolean;
  /** What the command may take. */
  readonly limits: Partial<ExecutorLimits>;
}

/** Tell about paths. */
export interface ExplainTask {
  readonly kind: "explain";
  /** As they were written; at least one. */
  readonly paths: readonly string[];
  readonly json: boolean;
}

/** What `holdfast sandbox` was asked to do. */
export interface SandboxRequest {
  readonly task: RunTask | ExplainTask;
  /** Working folder of the command: an absolute native path of a folder that exists. */
  readonly cwd: string;
  /** Workspace roots, like `cwd`; at least one. */
  readonly roots: readonly string[];
  /** `undefined`: not confined at all. */
  readonly profile: Profile | undefined;
}

/** @throws UsageError with the first thing that is wrong. */
export async function sandboxRequest(context: Pick<Context, "cwd">, args: Arguments): Promise<SandboxRequest> {
  const task = args.has("explain") ? explainTask(args) : await runTask(args);
  const cwd = await existingFolder("--cwd", localPath("--cwd", args.text("cwd") ?? ".", context.cwd));
  const named = await Promise.all(
    args.texts("root").map((text) => existingFolder("--root", localPath("--root", text, cwd))),
  );
  const roots = named.length === 0 ? [cwd] : named;
  const profile = await chosenProfile(args, { cwd, roots, shellCwd: context.cwd });
  if (task.kind === "run") refuseUnlimited(args, profile);
  return { task, cwd, roots, profile };
}

async function runTask(args: Arguments): Promise<RunTask> {
  const [stray] = args.positionals;
  if (stray !== undefined) throw new UsageError(`unexpected argument '${stray}': put -- before the command`);
  if (args.command.length === 0) throw new UsageError("no command given: put it after --, as in -- ls -l");
  if (args.has("json")) throw new UsageError("--json goes with --explain only");
  const env = Object.fromEntries(args.texts("env").map(variable));
  return { kind: "run", argv: args.command, env, tty: args.has("tty"), limits: await limitsOf(args) };
}

/** Their ranges are the executor's, which is loaded only for them. */
async function limitsOf(args: Arguments): Promise<RunTask["limits"]> {
  if (givenLimit(args) === undefined) return {};
  const { commandLimits } = await import("../executor/command-limits.ts");
  return commandLimits(args);
}

function givenLimit(args: Arguments): string | undefined {
  return Object.keys(COMMAND_LIMIT_OPTIONS).find((name) => args.text(name) !== undefined);
}

function explainTask(args: Arguments): ExplainTask {
  if (args.command.length > 0) {
    throw new UsageError("--explain starts no command: leave out -- and what follows, or --explain");
  }
  if (args.has("tty")) throw new UsageError("--tty does not go with --explain, which starts nothing");
  if (args.texts("env").length > 0) throw new UsageError("--env does not go with --explain, which starts nothing");
  const limit = givenLimit(args);
  if (limit !== undefined) throw new UsageError(`--${limit} does not go with --explain, which starts nothing`);
  if (args.positionals.length === 0) throw new UsageError("--explain needs at least one PATH");
  return { kind: "explain", paths: args.positionals, json: args.has("json") };
}

/** A command that nothing confines would run without its limits. */
function refuseUnlimited(args: Arguments, profile: Profile | undefined): void {
  const option = givenLimit(args);
  if (option === undefined || (profile !== undefined && !narrowsNothing(profile))) return;
  throw new UsageError(
    `--${option} holds for confined commands only, and --profile confines nothing: choose another one`,
  );
}

function variable(text: string): [string, string] {
  const at = text.indexOf("=");
  if (at < 1) throw new UsageError(`--env must be NAME=VALUE, not '${text}'`);
  return [text.slice(0, at), text.slice(at + 1)];
}
