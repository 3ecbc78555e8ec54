import { hasBrand } from "./brand.ts";

const START_ERROR = Symbol.for("holdfast.StartError");

/**
 * What kept a command from being started. `program`: the program is missing or may not be used. `interpreter`: the program is
 * there, and what its first line names to run it is not. `cwd`: the working folder is missing or may not be used. `sandbox`: what
 * was asked to confine it is wrong or can not be had there. `request`: the executor refused the request itself, e.g. a
 * `processId` in use. `system`: anything else that its operating system refused, or it is not known which of them.
 */
export type StartErrorReason = "program" | "interpreter" | "cwd" | "sandbox" | "request" | "system";

/** What a {@link StartError} tells. */
export interface StartErrorDetails {
  readonly code: string;
  readonly reason: StartErrorReason;
  readonly argv: readonly string[];
  /** Native path, or a `file:` URI where the executor's system can not write it. */
  readonly cwd: string | undefined;
  /** Name of the system call that failed, where the executor tells. */
  readonly syscall?: string | undefined;
}

/** The executor did not start a command. Nothing of it ran. */
export class StartError extends Error {
  override readonly name: "StartError" | "CommandNotFoundError" = "StartError";
  readonly [START_ERROR] = true;
  /**
   * Name of the system's error: `ENOENT`, `EACCES`, `ENOEXEC`, `E2BIG`, …; or `refused` where it was no error of the system.
   */
  readonly code: string;
  readonly reason: StartErrorReason;
  readonly argv: readonly string[];
  /** Working folder: a native path; undefined where the executor chose it and does not tell. */
  readonly cwd: string | undefined;
  /** Name of the system call that failed, e.g. `execve`, where the executor tells. */
  readonly syscall: string | undefined;

  constructor(message: string, details: StartErrorDetails, options: { readonly cause?: unknown } = {}) {
    super(message, options);
    this.code = details.code;
    this.reason = details.reason;
    this.argv = details.argv;
    this.cwd = details.cwd;
    this.syscall = details.syscall;
  }
}

/** There is no such program on the executor: `argv[0]` is neither a file nor a name in the `PATH` of the command. */
export class CommandNotFoundError extends StartError {
  override readonly name = "CommandNotFoundError";
}

/** A {@link StartError} of this or another copy of the package. */
export function isStartError(value: unknown): value is StartError {
  return hasBrand(value, START_ERROR);
}

/** A {@link CommandNotFoundError} of this or another copy of the package. */
export function isCommandNotFound(value: unknown): value is CommandNotFoundError {
  return isStartError(value) && value.name === "CommandNotFoundError";
}
