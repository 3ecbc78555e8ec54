import { oneLine } from "./one-line.ts";

/** Something in a transfer went wrong: what, why and what to do, in one line. */
export class TransferError extends Error {
  override readonly name = "TransferError";
  /**
   * `failed`: nothing was put in place, or only a part, as the message says. `incomplete`: everything else is in place, but not
   * what `problems` tells. `unsupported`: this executor has no way to do it.
   */
  readonly code: "failed" | "incomplete" | "unsupported";
  /** One line for each thing that was left out; the first 1,000. */
  readonly problems: readonly string[];

  constructor(
    message: string,
    options: {
      readonly code?: TransferError["code"];
      readonly problems?: readonly string[];
      readonly cause?: unknown;
    } = {},
  ) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause });
    this.code = options.code ?? "failed";
    this.problems = options.problems ?? [];
  }
}

/** The text of anything that was thrown, on one line. */
export function reasonOf(thrown: unknown): string {
  return oneLine(thrown instanceof Error ? thrown.message || thrown.name : String(thrown));
}
