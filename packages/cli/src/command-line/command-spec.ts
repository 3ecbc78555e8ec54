import type { Arguments } from "./arguments.ts";
import type { Context } from "./context.ts";

/** One option of a command. */
export interface OptionSpec {
  /** `switch`: present or not. `text`: takes a value. `texts`: takes a value, as often as it is given. */
  readonly kind: "switch" | "text" | "texts";
  readonly short?: string;
  /** The value may be left out where the next word is no `NAME=…`: then it is empty. */
  readonly isValueOptional?: true;
  /** How the value is called in the help, e.g. `URL`. */
  readonly value?: string;
  /** The words that a value can be, where these are all, or all but files. */
  readonly choices?: readonly string[];
  readonly about: string;
}

/** What a command's module exports. */
export interface CommandModule {
  /** @returns the exit code of the program. */
  run(context: Context, args: Arguments): Promise<number>;
}

/** One row of the command table: everything the parser and the help need, without loading the command. */
export interface CommandSpec {
  readonly summary: string;
  /** What follows the command's name. */
  readonly synopsis: string;
  readonly options: Readonly<Record<string, OptionSpec>>;
  /** Names of the arguments it takes, for the messages about missing ones. A last one in `…` may be repeated. */
  readonly positionals: readonly string[];
  /** It takes a command of its own after `--`. `optional`: whether it must be there is for the command to say. */
  readonly takesCommand?: true | "optional";
  /** It ends with the exit code of a command: failures of its own, wrong arguments among them, are told apart by 255. */
  readonly endsAsCommand?: true;
  /** Paragraphs below the options. */
  readonly details?: string;
  readonly load: () => Promise<CommandModule>;
}
