/**
 * What is the matter with an environment.
 *
 * - `invalid`: a configuration, or what is to be registered, is refused; nothing was changed.
 * - `unknown`: no environment has this id.
 * - `duplicate`: the id is taken, or stands twice in one selection.
 * - `failed`: the connection could not be made, or could not be had back; the cause is the error of the attempt.
 * - `not-ready`, `recovering`: it was asked for without waiting, and is being connected or reconnected.
 * - `replaced`, `removed`: the id was registered anew, or taken out, before this one was connected.
 */
export type EnvironmentErrorCode =
  | "invalid"
  | "unknown"
  | "duplicate"
  | "failed"
  | "not-ready"
  | "recovering"
  | "replaced"
  | "removed";

const ENVIRONMENT_ERROR = Symbol.for("holdfast.EnvironmentError");

/** An environment that can not be used, or not be had. One line, without secrets: tokens and queries of URLs are left out. */
export class EnvironmentError extends Error {
  override readonly name = "EnvironmentError";
  readonly [ENVIRONMENT_ERROR] = true;
  readonly code: EnvironmentErrorCode;
  /** Undefined where it is not about a single one. */
  readonly environmentId: string | undefined;

  constructor(
    code: EnvironmentErrorCode,
    message: string,
    options: { readonly environmentId?: string | undefined; readonly cause?: unknown } = {},
  ) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause });
    this.code = code;
    this.environmentId = options.environmentId;
  }
}

/** An {@link EnvironmentError} of this or another copy of the package. */
export function isEnvironmentError(value: unknown): value is EnvironmentError {
  return value instanceof Error && ENVIRONMENT_ERROR in value;
}

/** No environment has this id. */
export function unknownEnvironment(id: string): EnvironmentError {
  return new EnvironmentError("unknown", `unknown environment id \`${id}\``, { environmentId: id });
}

/** A refusal in the words of the reference, which calls everything that it does not take a breach of the protocol. */
export function invalidEnvironment(detail: string, environmentId?: string): EnvironmentError {
  return new EnvironmentError("invalid", `exec-server protocol error: ${detail}`, { environmentId });
}
