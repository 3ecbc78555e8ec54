import { existsSync, statSync } from "node:fs";
import { dirname, join, resolve } from "node:path";
import type { Arguments } from "../command-line/arguments.ts";
import type { Context } from "../command-line/context.ts";
import { CommandFailure, UsageError } from "../command-line/failure.ts";
import { printableLines } from "../command-line/printable.ts";
import { SANDBOX_MODES } from "./agent-request.ts";
import { configOverrides } from "./config-override.ts";
import { outputSchema } from "./output-schema.ts";
import { printJson } from "./print-events.ts";
import { promptOf } from "./prompt.ts";
import { work } from "./work.ts";

/** The variable by which who starts a program of Codex says who they are. */
const ORIGINATOR = "CODEX_INTERNAL_ORIGINATOR_OVERRIDE";
const DEFAULT_ORIGINATOR = "codex_exec";
const WRITABLE_ROOTS = "sandbox_workspace_write.writable_roots";

/** `holdfast-agent exec` */
export async function run(context: Context, args: Arguments): Promise<number> {
  if (!args.has("json") && !args.has("experimental-json"))
    throw new UsageError("give --json: there is no other output");
  const [resuming, ...rest] = splitPositionals(args.positionals);
  const program = args.text("cyber-access-program");
  if (program !== undefined && program !== "standard") {
    throw new CommandFailure(`the cyber access program ${program} is of OpenAI's own provider: leave it out`);
  }
  const cwd = resolve(context.cwd, args.text("cd") ?? ".");
  if (!args.has("skip-git-repo-check") && !isInRepository(cwd)) {
    throw new CommandFailure("Not inside a trusted directory and --skip-git-repo-check was not specified.");
  }
  const schema = args.text("output-schema");
  const request = {
    images: args.texts("image").map((path) => resolve(context.cwd, path)),
    outputSchema: schema === undefined ? undefined : await outputSchema(context, schema),
    threadId: resuming,
    model: args.text("model"),
    sandbox: args.choice("sandbox", SANDBOX_MODES),
    cwd,
    config: withWritable(
      configOverrides(args.texts("config")),
      args.texts("add-dir").map((path) => resolve(cwd, path)),
    ),
    threadSource: args.text("thread-source"),
    isEphemeral: args.has("ephemeral"),
    prompt: await promptOf(rest[0], () => context.stdin),
  };
  const warn = (line: string): void => void context.stderr.write(printableLines(`${line}\n`));
  const clientName = context.env[ORIGINATOR] || DEFAULT_ORIGINATOR;
  return await work(withKey(context), request, { place: undefined, clientName, warn }, printJson(context));
}

/** @returns the thread to go on with, and the words behind it. */
function splitPositionals(words: readonly string[]): readonly (string | undefined)[] {
  if (words[0] !== "resume") {
    if (words.length > 1) throw new UsageError(`unexpected argument '${words[1]}'`);
    return [undefined, words[0]];
  }
  if (words[1] === undefined) throw new UsageError("missing argument ID: resume goes on with the thread of an id");
  return words.slice(1);
}

function withWritable(config: Readonly<Record<string, unknown>>, folders: readonly string[]) {
  if (folders.length === 0) return config;
  const others = config[WRITABLE_ROOTS];
  return { ...config, [WRITABLE_ROOTS]: [...(Array.isArray(others) ? others : []), ...folders] };
}

/** A `.git` is a file in a work tree of another repository; an empty folder of that name makes none. */
function isInRepository(folder: string): boolean {
  const git = join(folder, ".git");
  if (existsSync(join(git, "HEAD")) || statSync(git, { throwIfNoEntry: false })?.isFile() === true) return true;
  const above = dirname(folder);
  return above !== folder && isInRepository(above);
}

/** The key that the SDK gives is one for the provider that is there without a configuration. */
function withKey(context: Context): Context {
  const key = context.env.CODEX_API_KEY;
  if (!key) return context;
  const env = { ...context.env, OPENAI_API_KEY: key };
  return {
    env,
    get cwd() {
      return context.cwd;
    },
    get stdin() {
      return context.stdin;
    },
    stdout: context.stdout,
    stderr: context.stderr,
  };
}
