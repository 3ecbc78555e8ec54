import { isFileError, isStartError } from "@holdfast/exec-client";
import { isRemoteError } from "@holdfast/rpc";

const IN_WORDS = /[A-Z][^:]*\(os error \d+\)/;

/** What the system of an executor said about a refusal, as peers word it: `No such file or directory (os error 2)`. What is no such refusal in its own words. */
export function systemWords(error: unknown): string {
  const cause = isFileError(error) || isStartError(error) ? error.cause : error;
  const message = cause instanceof Error ? cause.message : String(cause);
  return (isRemoteError(cause) ? IN_WORDS.exec(message)?.[0] : undefined) ?? message;
}
