import type { TurnError } from "../gen/types.gen.ts";

const RUN_ERROR = Symbol.for("holdfast.RunError");

/**
 * Why a run has no result. `failed`: the server gave the turn up, `turnError` says why. `aborted`: by the signal of the run, or by leaving
 * its loop. `lost`: the connection is gone; the turn may go on without us. `closed`: the thread was unloaded or deleted in the middle of
 * the turn. `approval`: the approval callback threw. `overrun`: the reader was slower than the server for longer than the bound allows.
 * `unreadable`: the server told the end of the turn in a form that is not the protocol's.
 */
export type RunErrorCode = "failed" | "aborted" | "lost" | "closed" | "approval" | "overrun" | "unreadable";

/** A turn that did not come to its end. */
export class RunError extends Error {
  override readonly name = "RunError";
  readonly [RUN_ERROR] = true;
  readonly code: RunErrorCode;
  readonly threadId: string;
  /** Undefined when the server had not named the turn yet. */
  readonly turnId: string | undefined;
  /** What the server says about a turn that failed. */
  readonly turnError: TurnError | undefined;

  constructor(
    code: RunErrorCode,
    message: string,
    of: { readonly threadId: string; readonly turnId: string | undefined; readonly turnError?: TurnError | undefined },
    options?: ErrorOptions,
  ) {
    super(message, options);
    this.code = code;
    this.threadId = of.threadId;
    this.turnId = of.turnId;
    this.turnError = of.turnError;
  }
}

/** A {@link RunError} of this or another copy of the package. */
export function isRunError(value: unknown): value is RunError {
  return typeof value === "object" && value !== null && RUN_ERROR in value;
}
