const SANDBOX_ERROR = Symbol.for("holdfast.SandboxError");

/**
 * Why nothing may be started. `invalid`: the intent itself is wrong, e.g. a path of another operating system; `unenforceable`:
 * it can not be enforced on this machine.
 */
export type SandboxErrorCode = "invalid" | "unenforceable";

/** An intent that must not run: it would run unconfined, or as something else than was asked. */
export class SandboxError extends Error {
  override readonly name = "SandboxError";
  readonly [SANDBOX_ERROR] = true;
  readonly code: SandboxErrorCode;

  constructor(code: SandboxErrorCode, message: string, options?: ErrorOptions) {
    super(message, options);
    this.code = code;
  }
}

/** True for a `SandboxError` of any copy of this module. */
export function isSandboxError(value: unknown): value is SandboxError {
  return typeof value === "object" && value !== null && SANDBOX_ERROR in value;
}
