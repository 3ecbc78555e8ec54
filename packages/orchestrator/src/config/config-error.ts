/** A configuration can not be used. The message says which file, where, and why; it holds no values of texts, which may be secrets. */
export class ConfigError extends Error {
  override readonly name = "ConfigError";
}

/**
 * Why a change was refused, in the words of app servers.
 *
 * - `configValidationError`: what it would lead to is no configuration.
 * - `configVersionConflict`: the file is not what the client has seen.
 * - `configLayerReadonly`: it is about another file than the user's own.
 * - `configPathNotFound`: what is to be changed is not there.
 */
export type ConfigWriteErrorCode =
  | "configValidationError"
  | "configVersionConflict"
  | "configLayerReadonly"
  | "configPathNotFound";

/** A change of the configuration was refused. Nothing was written. */
export class ConfigWriteError extends Error {
  override readonly name = "ConfigWriteError";
  readonly code: ConfigWriteErrorCode;

  constructor(code: ConfigWriteErrorCode, message: string, cause?: unknown) {
    super(message, cause === undefined ? undefined : { cause });
    this.code = code;
  }
}

export function invalidChange(message: string, cause?: unknown): ConfigWriteError {
  return new ConfigWriteError("configValidationError", message, cause);
}
