import { isLinkError, isRemoteError } from "@holdfast/exec-client";
import { CommandFailure, reasonOf, UsageError } from "../command-line/failure.ts";

/** As `env` and shells have it. */
const EXIT_NOT_EXECUTABLE = 126;
const EXIT_NOT_FOUND = 127;

const CAUSES = [
  { pattern: /os error 2\b|doesn't exist/, exitCode: EXIT_NOT_FOUND, advice: "check the name, PATH and --cwd there" },
  { pattern: /os error 13\b/, exitCode: EXIT_NOT_EXECUTABLE, advice: "check its permissions there" },
  { pattern: /os error 20\b/, exitCode: EXIT_NOT_EXECUTABLE, advice: "check --cwd" },
  { pattern: /sandbox/, exitCode: 1, advice: "leave out --sandbox to run it unconfined" },
] as const;

/** What to tell about a command that did not start. */
export function startFailure(error: unknown, program: string): Error {
  if (error instanceof Error && "code" in error && error.code === "invalid-argument") {
    return new UsageError(reasonOf(error), { cause: error });
  }
  const text = `cannot start ${program}: ${reasonOf(error)}`;
  if (isLinkError(error)) return new CommandFailure(`${text}; it may be running there`, { cause: error });
  if (!isRemoteError(error)) return error instanceof Error ? error : new CommandFailure(text);
  const known = CAUSES.find(({ pattern }) => pattern.test(error.message));
  if (known === undefined) return new CommandFailure(`${text}; the executor refused it`, { cause: error });
  return new CommandFailure(`${text}; ${known.advice}`, { exitCode: known.exitCode, cause: error });
}
