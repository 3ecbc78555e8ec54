import type { CommandSpec, OptionSpec } from "../command-line/command-spec.ts";
import { COMMON_OPTIONS } from "../command-line/parse-arguments.ts";
import { COMPLETED_SHELLS } from "./shells.ts";

/** What can stand in a place: some words, files of this machine, IDs of runs; or nothing that is known here. */
export type Completed =
  | { readonly kind: "words"; readonly words: readonly string[] }
  | { readonly kind: "files" | "runs" | "unknown" };

export interface CompletedOption {
  /** Without the dashes. */
  readonly name: string;
  readonly short: string | undefined;
  readonly about: string;
  /** Undefined for a switch. */
  readonly value: Completed | undefined;
}

export interface CompletedCommand {
  readonly name: string;
  readonly about: string;
  readonly options: readonly CompletedOption[];
  readonly argument: Completed;
  /** It takes a command of its own after `--`. */
  readonly takesCommand: boolean;
}

const FILE_VALUES: ReadonlySet<string> = new Set(["FILE", "DIR", "PATH|GLOB", "PROFILE"]);

/** What there is to complete, of the table of commands. */
export function completedWords(commands: Readonly<Record<string, CommandSpec>>): readonly CompletedCommand[] {
  const names = Object.keys(commands);
  const all = Object.entries(commands).map(([name, spec]) => ({
    name,
    about: spec.summary,
    options: Object.entries({ ...spec.options, ...COMMON_OPTIONS }).map(([option, each]) => optionOf(option, each)),
    argument: argumentOf(name, spec),
    takesCommand: spec.takesCommand !== undefined,
  }));
  const help: CompletedCommand = {
    name: "help",
    about: "show the help of a command",
    options: [],
    argument: { kind: "words", words: names },
    takesCommand: false,
  };
  return [...all, help];
}

function optionOf(name: string, spec: OptionSpec): CompletedOption {
  return {
    name,
    short: spec.short,
    about: spec.about,
    value: spec.kind === "switch" ? undefined : completedValue(spec),
  };
}

function completedValue({ value = "", choices }: OptionSpec): Completed {
  if (choices !== undefined) return { kind: "words", words: choices };
  return { kind: FILE_VALUES.has(value) ? "files" : "unknown" };
}

function argumentOf(name: string, { positionals: [first = ""] }: CommandSpec): Completed {
  if (name === "completion") return { kind: "words", words: COMPLETED_SHELLS };
  if (first === "[ID]") return { kind: "runs" };
  return { kind: /SOURCE|PATH/.test(first) ? "files" : "unknown" };
}
