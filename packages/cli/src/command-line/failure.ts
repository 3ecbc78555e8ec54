import { onOneLine } from "./printable.ts";

/** The arguments are wrong: exit 2, one line, and where the help is. */
export class UsageError extends Error {
  override readonly name = "UsageError";
}

/** Something went wrong that the user can do something about: one line with what, why and what to do. */
export class CommandFailure extends Error {
  override readonly name = "CommandFailure";
  /** Exit code of the program; {@link EXIT_FAILURE} is made 255 where it could be taken for that of a command. */
  readonly exitCode: number;

  constructor(message: string, options: { readonly exitCode?: number; readonly cause?: unknown } = {}) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause });
    this.exitCode = options.exitCode ?? EXIT_FAILURE;
  }
}

/** A failure that is about the value of one option, whose name its words need not say. */
export class OptionFailure extends CommandFailure {
  /** Without the dashes. */
  readonly option: string;

  constructor(option: string, message: string, options: { readonly cause?: unknown } = {}) {
    super(message, options);
    this.option = option;
  }
}

export const EXIT_OK = 0;
export const EXIT_FAILURE = 1;
export const EXIT_USAGE = 2;
/** Of what ends with the code of a command, when something of its own failed: as `ssh` has it. */
export const EXIT_OWN_FAILURE = 255;

/** The exit code for what was thrown. @param endsAsCommand - Whether codes below 126 belong to a command. */
export function exitCodeOf(thrown: unknown, endsAsCommand: boolean): number {
  if (isCommandFailure(thrown) && thrown.exitCode !== EXIT_FAILURE) return thrown.exitCode;
  if (endsAsCommand) return EXIT_OWN_FAILURE;
  return isUsageError(thrown) ? EXIT_USAGE : EXIT_FAILURE;
}

/** A {@link UsageError} of whichever file of the program: parts of it are there twice. */
export function isUsageError(thrown: unknown): thrown is UsageError {
  return thrown instanceof Error && thrown.name === "UsageError";
}

function isCommandFailure(thrown: unknown): thrown is CommandFailure {
  return thrown instanceof Error && thrown.name === "CommandFailure";
}

/** The text of anything that was thrown, on one line, with nothing in it that steers a terminal: a peer may have written it. */
export function reasonOf(thrown: unknown): string {
  const text = thrown instanceof Error ? thrown.message || thrown.name : String(thrown);
  return onOneLine(text);
}
