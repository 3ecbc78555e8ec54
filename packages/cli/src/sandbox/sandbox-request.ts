import type { Arguments } from "../command-line/arguments.ts";
import type { Context } from "../command-line/context.ts";
import { UsageError } from "../command-line/failure.ts";
import { existingFolder, localPath } from "./local-path.ts";
import { chosenProfile, type Profile } from "./profile.ts";

/** Run a command. */
export interface RunTask {
  readonly kind: "run";
  readonly argv: readonly string[];
  readonly env: Readonly<Record<string, string>>;
  readonly tty: boolean;
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
  const task = args.has("explain") ? explainTask(args) : runTask(args);
  const cwd = await existingFolder("--cwd", localPath("--cwd", args.text("cwd") ?? ".", context.cwd));
  const named = await Promise.all(
    args.texts("root").map((text) => existingFolder("--root", localPath("--root", text, cwd))),
  );
  const roots = named.length === 0 ? [cwd] : named;
  return { task, cwd, roots, profile: await chosenProfile(args, { cwd, roots, shellCwd: context.cwd }) };
}

function runTask(args: Arguments): RunTask {
  const [stray] = args.positionals;
  if (stray !== undefined) throw new UsageError(`unexpected argument '${stray}': put -- before the command`);
  if (args.command.length === 0) throw new UsageError("no command given: put it after --, as in -- ls -l");
  if (args.has("json")) throw new UsageError("--json goes with --explain only");
  const env = Object.fromEntries(args.texts("env").map(variable));
  return { kind: "run", argv: args.command, env, tty: args.has("tty") };
}

function explainTask(args: Arguments): ExplainTask {
  if (args.command.length > 0) {
    throw new UsageError("--explain starts no command: leave out -- and what follows, or --explain");
  }
  if (args.has("tty")) throw new UsageError("--tty does not go with --explain, which starts nothing");
  if (args.texts("env").length > 0) throw new UsageError("--env does not go with --explain, which starts nothing");
  if (args.positionals.length === 0) throw new UsageError("--explain needs at least one PATH");
  return { kind: "explain", paths: args.positionals, json: args.has("json") };
}

function variable(text: string): [string, string] {
  const at = text.indexOf("=");
  if (at < 1) throw new UsageError(`--env must be NAME=VALUE, not '${text}'`);
  return [text.slice(0, at), text.slice(at + 1)];
}
