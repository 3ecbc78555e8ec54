import { BACKGROUND_COMMAND } from "./background/background-words.ts";
import type { CommandSpec } from "./command-line/command-spec.ts";
import type { Context } from "./command-line/context.ts";
import { EXIT_OK, exitCodeOf, isUsageError, reasonOf, UsageError } from "./command-line/failure.ts";
import { flushed } from "./command-line/flushed.ts";
import { helpOf, overview } from "./command-line/help.ts";
import { nearest } from "./command-line/nearest.ts";
import { parseArguments } from "./command-line/parse-arguments.ts";
import { printableLines } from "./command-line/printable.ts";
import { leave } from "./leave.ts";
import { nativeArguments, nativeEnvironment } from "./native-words.ts";
import { endSignals, ignore } from "./signals/end-signals.ts";
import { version } from "./version.ts";
import { withoutPathsOfInstaller } from "./without-paths-of-installer.ts";
import { workingFolder } from "./working-folder.ts";

/** The longest interval a timer takes. */
const FOREVER_MS = 2 ** 31 - 1;

/** Its commands, by name. */
type Commands = Readonly<Record<string, CommandSpec>>;

/** Run the program with the arguments of this process, and end the process with its exit code. */
export async function runProgram(commands: Commands): Promise<void> {
  // Node would open a port for its debugger.
  ignore("SIGUSR1");
  // Also for commands that do nothing of their own about signals.
  endSignals();
  // Until the end below: a wait by a clock alone does not keep a process alive, and one that ends in it would tell no exit code.
  const untilTheEnd = setInterval(() => {}, FOREVER_MS);
  const words = nativeArguments(process.argv.slice(2));
  const context = processContext();
  const output = followOutput(context.stdout);
  const exitCode = await runCommand(commands, words, context).catch((error) =>
    reportError(commands, words, error, context),
  );
  await Promise.all([flushed(context.stdout), flushed(context.stderr)]);
  clearInterval(untilTheEnd);
  const loss = exitCode === EXIT_OK ? output.loss() : undefined;
  leave(loss === undefined ? exitCode : exitCodeOf(loss, specOf(commands, words[0])?.endsAsCommand === true), context);
}

/** Output that is lost is no success, unless its reader simply had enough. */
function followOutput(stdout: NodeJS.WriteStream): { loss(): Error | undefined } {
  let failure: NodeJS.ErrnoException | undefined;
  stdout.on("error", (error) => {
    failure ??= error;
  });
  return { loss: () => (failure?.code === "EPIPE" ? undefined : failure) };
}

/** @param named - The folder that the arguments name, if they do. */
function processContext(named?: string): Context {
  return {
    env: withoutPathsOfInstaller(nativeEnvironment(process.env)),
    get cwd() {
      return workingFolder(named);
    },
    get stdin() {
      return process.stdin;
    },
    stdout: process.stdout,
    stderr: process.stderr,
  };
}

async function runCommand(commands: Commands, words: readonly string[], context: Context): Promise<number> {
  const [first, ...rest] = words;
  if (first === undefined) throw new UsageError("no command given");
  if (first === "--version" || first === "-V" || first === "version") return print(context, `${version()}\n`);
  if (first === "--help" || first === "-h") return print(context, overview(commands));
  if (first === "help") return print(context, helpFor(commands, rest[0]));
  if (first === BACKGROUND_COMMAND) return (await import("./background/command.ts")).run(context);
  const spec = commandOf(commands, first);
  const args = parseArguments(spec, rest);
  if (args.has("help")) return print(context, helpOf(first, spec));
  const { run } = await spec.load();
  return run(processContext(args.text("cwd")), args);
}

function helpFor(commands: Commands, name: string | undefined): string {
  return name === undefined ? overview(commands) : helpOf(name, commandOf(commands, name));
}

function specOf(commands: Commands, name = ""): CommandSpec | undefined {
  return Object.hasOwn(commands, name) ? commands[name] : undefined;
}

function commandOf(commands: Commands, name: string): CommandSpec {
  const spec = specOf(commands, name);
  if (spec !== undefined) return spec;
  const meant = nearest(name, Object.keys(commands));
  const advice = meant === undefined ? "" : `, perhaps '${meant}' is meant`;
  throw new UsageError(`unknown ${name.startsWith("-") ? "option" : "command"} '${name}'${advice}`);
}

function print(context: Context, text: string): number {
  context.stdout.write(printableLines(text));
  return EXIT_OK;
}

function reportError(commands: Commands, words: readonly string[], error: unknown, context: Context): number {
  const [name = ""] = words;
  const spec = specOf(commands, name);
  const command = spec === undefined ? "" : ` ${name}`;
  const exitCode = exitCodeOf(error, spec?.endsAsCommand === true);
  if (spec?.options.json !== undefined && hasSwitch(words, "--json")) {
    const told = { error: { command: name, message: reasonOf(error), exitCode } };
    context.stderr.write(printableLines(`${JSON.stringify(told)}\n`));
    return exitCode;
  }
  const hint = isUsageError(error) ? `; see holdfast${command} --help` : "";
  context.stderr.write(printableLines(`holdfast${command}: ${reasonOf(error)}${hint}\n`));
  if (hasSwitch(words, "--debug") && error instanceof Error)
    context.stderr.write(printableLines(`${withCauses(error)}\n`));
  return exitCode;
}

/** Told from the words themselves: the error may be that they can not be parsed. */
function hasSwitch(words: readonly string[], name: "--debug" | "--json"): boolean {
  const separator = words.indexOf("--");
  return (separator === -1 ? words : words.slice(0, separator)).includes(name);
}

function withCauses(error: Error): string {
  const own = error.stack ?? String(error);
  return error.cause instanceof Error ? `${own}\ncaused by ${withCauses(error.cause)}` : own;
}
