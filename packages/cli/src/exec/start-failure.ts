import { isLinkError, isStartError, type StartError } from "@holdfast/exec-client";
import { CommandFailure, EXIT_OWN_FAILURE, reasonOf, UsageError } from "../command-line/failure.ts";

/** As `env` and shells have it. */
const EXIT_NOT_EXECUTABLE = 126;
const EXIT_NOT_FOUND = 127;

interface Cause {
  readonly exitCode: number;
  readonly advice: string;
}

const NOT_FOUND: Cause = { exitCode: EXIT_NOT_FOUND, advice: "check the name and PATH there" };
const NOT_PERMITTED: Cause = { exitCode: EXIT_NOT_EXECUTABLE, advice: "check its permissions there" };
const NO_PROGRAM: Cause = { exitCode: EXIT_NOT_EXECUTABLE, advice: "it is no program for that machine" };
const NO_INTERPRETER: Cause = {
  exitCode: EXIT_NOT_EXECUTABLE,
  advice: "check the interpreter that its first line names",
};
const NOT_CONFINED: Cause = { exitCode: EXIT_OWN_FAILURE, advice: "leave out --sandbox to run it unconfined" };
const REFUSED: Cause = { exitCode: EXIT_OWN_FAILURE, advice: "the executor refused it" };

/**
 * What to tell about a command that did not start.
 *
 * @param takingUp - How to get at one that may be running.
 */
export function startFailure(error: unknown, program: string, takingUp?: string): Error {
  if (error instanceof Error && "code" in error && error.code === "invalid-argument") {
    return new UsageError(reasonOf(error), { cause: error });
  }
  const what = `cannot start ${program}`;
  if (isLinkError(error)) {
    const mayRun = takingUp === undefined ? "it may be running there" : `it may be running there: ${takingUp}`;
    const advice = error.delivery === "not-sent" ? "it was not started" : mayRun;
    return new CommandFailure(`${what}: ${reasonOf(error)}; ${advice}`, { cause: error });
  }
  if (!isStartError(error)) return error instanceof Error ? error : new CommandFailure(`${what}: ${reasonOf(error)}`);
  const { exitCode, advice } = causeOf(error);
  const why = error.reason === "cwd" ? folderProblem(error) : reasonOf(error.cause);
  return new CommandFailure(`${what}: ${why}; ${advice}`, { exitCode, cause: error });
}

function causeOf({ reason, code }: StartError): Cause {
  if (reason === "cwd")
    return { exitCode: code === "ENOENT" ? EXIT_NOT_FOUND : EXIT_NOT_EXECUTABLE, advice: "check --cwd" };
  if (reason === "interpreter") return NO_INTERPRETER;
  if (reason === "sandbox") return NOT_CONFINED;
  if (code === "ENOENT") return NOT_FOUND;
  if (code === "EACCES" || code === "EPERM") return NOT_PERMITTED;
  return code === "ENOEXEC" ? NO_PROGRAM : REFUSED;
}

function folderProblem(error: StartError): string {
  return error.code === "ENOENT" ? `there is no folder ${error.cwd} there` : reasonOf(error.cause);
}
