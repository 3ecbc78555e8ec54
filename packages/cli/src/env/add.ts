import { join, resolve } from "node:path";
import { addEnvironment, ENVIRONMENTS_FILE_NAME, type NewEnvironment } from "@holdfast/orchestrator";
import type { Arguments } from "../command-line/arguments.ts";
import type { Context } from "../command-line/context.ts";
import { CommandFailure, EXIT_OK, reasonOf, UsageError } from "../command-line/failure.ts";
import { onOneLine, printableLines } from "../command-line/printable.ts";
import { secondsOption } from "../command-line/seconds-option.ts";
import { splitWords } from "../command-line/split-words.ts";
import { credentialsOf } from "../executor/credentials.ts";
import { codexHome } from "./codex-home.ts";
import { configurationFailure } from "./configuration-failure.ts";

/** A day. */
const TIMEOUT_MAX_SECONDS = 86_400;

/** `holdfast env add` */
export async function add(context: Context, args: Arguments, id: string): Promise<number> {
  const environment = await newEnvironment(context, args, id);
  const path = join(codexHome(context), ENVIRONMENTS_FILE_NAME);
  try {
    await addEnvironment(path, environment, { isDefault: args.has("default") });
  } catch (error) {
    const failure = configurationFailure(error);
    if (failure !== error) throw failure;
    throw new CommandFailure(`${path} can't be written: ${reasonOf(error)}`, { cause: error });
  }
  context.stderr.write(printableLines(`holdfast env: ${onOneLine(`${id} is in ${path}`)}\n`));
  return EXIT_OK;
}

async function newEnvironment(context: Context, args: Arguments, id: string): Promise<NewEnvironment> {
  const url = args.text("url");
  const commandLine = args.text("program");
  if ((url === undefined) === (commandLine === undefined)) throw new UsageError("env add needs --url or --program");
  const initializeTimeoutSec = seconds(args, "initialize-timeout");
  if (commandLine !== undefined) {
    refuse(args, ["token-file", "token-variable", "connect-timeout"], "--url");
    const [program = "", ...rest] = splitWords(commandLine, "--program");
    const folder = args.text("cwd");
    const cwd = folder === undefined ? undefined : resolve(context.cwd, folder);
    const env = variables(args.texts("env"));
    return { id, program, args: rest.length === 0 ? undefined : rest, env, cwd, initializeTimeoutSec };
  }
  refuse(args, ["cwd", "env"], "--program");
  // Only what is named here is written down: not what a variable holds.
  const { token } = await credentialsOf(args, { ...context, cwd: context.cwd, env: {} }, undefined);
  const bearerTokenVariable = args.text("token-variable");
  if (token !== undefined && bearerTokenVariable !== undefined) {
    throw new UsageError("give --token-file or --token-variable, not both");
  }
  const connectTimeoutSec = seconds(args, "connect-timeout");
  return { id, url, bearerToken: token, bearerTokenVariable, connectTimeoutSec, initializeTimeoutSec };
}

function refuse(args: Arguments, names: readonly string[], owner: string): void {
  const name = names.find((each) => args.names.includes(each));
  if (name !== undefined) throw new UsageError(`--${name} goes with ${owner}`);
}

function seconds(args: Arguments, name: string): number | undefined {
  const milliseconds = secondsOption(args, name, TIMEOUT_MAX_SECONDS);
  return milliseconds === undefined ? undefined : milliseconds / 1_000;
}

function variables(words: readonly string[]): Readonly<Record<string, string>> | undefined {
  if (words.length === 0) return undefined;
  return Object.fromEntries(
    words.map((word) => {
      const at = word.indexOf("=");
      if (at < 1) throw new UsageError(`--env must be NAME=VALUE, not '${word}'`);
      return [word.slice(0, at), word.slice(at + 1)];
    }),
  );
}
