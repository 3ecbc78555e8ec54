import type { CommandSpec, OptionSpec } from "./command-spec.ts";
import { COMMON_OPTIONS } from "./parse-arguments.ts";

const GAP = "  ";

/** What the program is, in a line. */
export const SUMMARY = "commands and files on another machine as if they were here";

/** Variables that it reads, and what for. */
export const ENVIRONMENT: readonly (readonly [string, string])[] = [
  ["HOLDFAST_URL", "default of --url"],
  ["CODEX_EXEC_SERVER_URL", "the same, when HOLDFAST_URL is not set"],
  ["HOLDFAST_TOKEN", "the token that an executor asks for, where no --token-file has it"],
  ["HOLDFAST_RELAY_TOKEN", "the same for a relay: of a client, and of an executor for serve --remote"],
  ["HOLDFAST_BACKGROUND", "0: as if every command had --no-background; always: also for executors on this machine"],
];

export const EXIT_CODES =
  "0 done, 1 it failed, 2 the arguments are wrong. What ends with the code of a command (exec, shell, attach, sandbox) has 255 for any failure of its own.";

/** The help of one command. */
export function helpOf(name: string, spec: CommandSpec): string {
  const rows = Object.entries({ ...spec.options, ...COMMON_OPTIONS }).map(
    ([option, optionSpec]) => [flagOf(option, optionSpec), optionSpec.about] as const,
  );
  return [
    `holdfast ${name}: ${spec.summary}`,
    "",
    `Usage: holdfast ${name} ${spec.synopsis}`.trimEnd(),
    "",
    "Options:",
    ...table(rows),
    ...(spec.details === undefined ? [] : ["", spec.details.trim()]),
    "",
  ].join("\n");
}

/** The help of the program. */
export function overview(commands: Readonly<Record<string, CommandSpec>>): string {
  const rows = Object.entries(commands).map(([name, { summary }]) => [name, summary] as const);
  return [
    `holdfast: ${SUMMARY}`,
    "",
    "Usage: holdfast COMMAND [OPTION]… [ARGUMENT]…",
    "",
    "Commands:",
    ...table([...rows, ["help [COMMAND]", "show the help of a command"]]),
    "",
    "Environment:",
    ...table(ENVIRONMENT),
    "",
    `Exit codes: ${EXIT_CODES}`,
    "",
  ].join("\n");
}

function flagOf(name: string, { short, value }: OptionSpec): string {
  const flag = short === undefined ? `--${name}` : `-${short}, --${name}`;
  return value === undefined ? flag : `${flag} ${value}`;
}

function table(rows: readonly (readonly [string, string])[]): string[] {
  const width = Math.max(...rows.map(([left]) => left.length));
  return rows.map(([left, right]) => `${GAP}${left.padEnd(width)}${GAP}${right}`);
}
