import { onOneLine } from "./printable.ts";

/** The arguments are wrong: exit 2, one line, and where the help is. */
export class UsageError extends Error {
  override readonly name = "UsageError";
}

/** Something went wrong that the user can do something about: one line with what, why and what to do. */
export class CommandFailure extends Error {
  override readonly name = "CommandFailure";
  /** Exit code of the program. */
  readonly exitCode: number;

  constructor(message: string, options: { readonly exitCode?: number; readonly cause?: unknown } = {}) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause });
    this.exitCode = options.exitCode ?? EXIT_FAILURE;
  }
}

export const EXIT_OK = 0;
export const EXIT_FAILURE = 1;
export const EXIT_USAGE = 2;

/** The text of anything that was thrown, on one line, with nothing in it that steers a terminal: a peer may have written it. */
export function reasonOf(thrown: unknown): string {
  const text = thrown instanceof Error ? thrown.message || thrown.name : String(thrown);
  return onOneLine(text);
}
