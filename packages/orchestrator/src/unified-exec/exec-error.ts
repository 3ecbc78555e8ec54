/**
 * - `arguments`: what was asked for makes no sense. - `environment`: it can not be had. - `refused`: the approval policy does not let it be asked for.
 * - `rejected`: somebody was asked, and did not approve. - `start`: it could not be started.
 * - `unknown-process`: no command has that number, or its end has been told. - `stdin`: it takes no input.
 * - `failed`: what became of it can not be told any more. - `closed`: all of it has been ended.
 */
export type ExecErrorCode =
  | "arguments"
  | "environment"
  | "refused"
  | "rejected"
  | "start"
  | "unknown-process"
  | "stdin"
  | "failed"
  | "closed";

/** A command that was not run, or of which nothing more is known. The message is for a model. */
export class ExecError extends Error {
  override readonly name = "ExecError";
  readonly code: ExecErrorCode;

  constructor(code: ExecErrorCode, message: string, options: { readonly cause?: unknown } = {}) {
    super(message, options);
    this.code = code;
  }
}

/** Somebody did not approve of it, or could not be asked. */
export function rejected(reason: string, cause?: unknown): ExecError {
  const message = `exec_command was not run: ${reason}`;
  return new ExecError("rejected", message, { cause });
}

/** The words of whatever was thrown. */
export function wordsOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
