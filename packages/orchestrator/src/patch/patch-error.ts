const PATCH_ERROR = Symbol.for("holdfast.PatchError");

/**
 * - `syntax`: it is no patch. `empty`: it changes nothing.
 * - `mismatch`: a file does not have the lines that it expects.
 * - `file`: a file is missing, is no text, or its system refused.
 * - `outside`: it leads out of the folder that it is confined to.
 * - `changed`: a file became another one while the patch was being applied.
 * - `too-large`: the patch, or what it touches, is above a limit.
 * - `interrupted`: the connection was lost for good while it was put in place.
 */
export type PatchErrorCode =
  | "syntax"
  | "empty"
  | "mismatch"
  | "file"
  | "outside"
  | "changed"
  | "too-large"
  | "interrupted";

/** What is left of a patch that was not applied. */
export interface PatchRemains {
  /** Native path. */
  readonly path: string;
  /**
   * `patched`: it is as the patch wants it, or was taken away by it. `foreign`: somebody else wrote to it meanwhile. `unknown`: nobody could
   * look. `temporary`: a file that should be gone.
   */
  readonly state: "patched" | "foreign" | "unknown" | "temporary";
  readonly reason: string;
}

/** A patch was not applied. Its message is written for whoever wrote the patch. */
export class PatchError extends Error {
  override readonly name = "PatchError";
  readonly [PATCH_ERROR] = true;
  readonly code: PatchErrorCode;
  /** Native path of the file; undefined where it is not about one. */
  readonly path: string | undefined;
  /** Line of the patch, from 1 on; undefined where it is not about one. */
  readonly line: number | undefined;
  /** Files that could not be put back to what they were. Empty: nothing was changed. */
  readonly remains: readonly PatchRemains[];

  constructor(
    code: PatchErrorCode,
    message: string,
    details: {
      readonly path?: string | undefined;
      readonly line?: number | undefined;
      readonly remains?: readonly PatchRemains[] | undefined;
      readonly cause?: unknown;
    } = {},
  ) {
    super(message, details.cause === undefined ? {} : { cause: details.cause });
    this.code = code;
    this.path = details.path;
    this.line = details.line;
    this.remains = details.remains ?? [];
  }
}

/** A {@link PatchError} of this or another copy of the package. */
export function isPatchError(value: unknown): value is PatchError {
  return typeof value === "object" && value !== null && PATCH_ERROR in value;
}
