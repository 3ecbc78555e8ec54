import { type ParseArgsOptionsConfig, parseArgs } from "node:util";
import { Arguments } from "./arguments.ts";
import { carriedByShell, refuseBytes } from "./byte-words.ts";
import type { CommandSpec, OptionSpec } from "./command-spec.ts";
import { reasonOf, UsageError } from "./failure.ts";
import { strayCommand, withJoinedNumbers } from "./option-values.ts";

/** Options that every command has. */
export const COMMON_OPTIONS: Readonly<Record<string, OptionSpec>> = {
  debug: { kind: "switch", about: "print the stack of an error" },
  help: { kind: "switch", short: "h", about: "show this help" },
};

/** @throws UsageError with the first thing that is wrong. */
export function parseArguments(spec: CommandSpec, words: readonly string[]): Arguments {
  const separator = spec.takesCommand !== undefined ? words.indexOf("--") : -1;
  const own = separator === -1 ? words : words.slice(0, separator);
  refuseBytes(own);
  const { values, positionals } = parseOwn(spec, own);
  const command = separator === -1 ? [] : carriedByShell(words.slice(separator + 1));
  const args = new Arguments({ values, positionals, command });
  if (!args.has("help")) checkPositionals(spec, args);
  return args;
}

function parseOwn(spec: CommandSpec, words: readonly string[]) {
  try {
    const options = toParseArgsOptions({ ...spec.options, ...COMMON_OPTIONS });
    return parseArgs({
      args: withEmptyValues(spec, withJoinedNumbers(spec, words)),
      options,
      allowPositionals: true,
      strict: true,
    });
  } catch (error) {
    const reason = firstSentence(reasonOf(error));
    const word = spec.takesCommand === true ? strayCommand(spec, words) : undefined;
    const advice = word === undefined ? "" : `; if '${word}' begins the command, put -- before it`;
    throw new UsageError(`${reason}${advice}`, { cause: error });
  }
}

/** The parser knows no optional values: where one was left out, it is given an empty one. */
function withEmptyValues({ options }: CommandSpec, words: readonly string[]): string[] {
  const isBare = (word: string, next = ""): boolean =>
    word.startsWith("--") && options[word.slice(2)]?.isValueOptional === true && !/^\w+=/.test(next);
  return words.map((word, index) => (isBare(word, words[index + 1]) ? `${word}=` : word));
}

function checkPositionals(spec: CommandSpec, args: Arguments): void {
  const isRepeated = spec.positionals.at(-1)?.endsWith("…") === true;
  const extra = isRepeated ? undefined : args.positionals[spec.positionals.length];
  if (spec.takesCommand === true && extra !== undefined) {
    throw new UsageError(`unexpected argument '${extra}': put -- before the command`);
  }
  if (extra !== undefined) throw new UsageError(`unexpected argument '${extra}'`);
  const missing = spec.positionals[args.positionals.length];
  if (missing !== undefined && !missing.startsWith("[")) throw new UsageError(`missing argument ${missing}`);
  if (spec.takesCommand === true && args.command.length === 0) {
    throw new UsageError("no command given: put it after --, as in -- ls -l");
  }
}

function toParseArgsOptions(options: Readonly<Record<string, OptionSpec>>): ParseArgsOptionsConfig {
  return Object.fromEntries(
    Object.entries(options).map(([name, { kind, short }]) => [
      name,
      {
        type: kind === "switch" ? ("boolean" as const) : ("string" as const),
        multiple: kind === "texts",
        ...(short === undefined ? {} : { short }),
      },
    ]),
  );
}

/** The parser adds advice in further sentences; the help has it too. */
function firstSentence(text: string): string {
  const sentence = text.split(/\. |; |\.$/)[0] ?? text;
  return sentence.charAt(0).toLowerCase() + sentence.slice(1);
}
