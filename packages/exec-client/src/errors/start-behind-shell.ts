import type { ProcessStartParams } from "@holdfast/exec-server-protocol";
import { displayPath } from "@holdfast/path-uri";
import { CommandNotFoundError, StartError } from "./start-error.ts";

/** Exit codes of a shell for a program that it can not become. */
const NOT_FOUND = 127;
const NOT_EXECUTABLE = 126;

/** A command that `sh` was to become. */
interface BehindShell {
  readonly argv: readonly string[];
  readonly cwd: ProcessStartParams["cwd"];
}

/**
 * What `run` is to fail with when the shell could not become the command. Undefined: it could, whatever became of the command.
 *
 * A command may print the same words as our shell, but not about a program of its own name that is missing.
 */
export function startErrorBehindShell(
  { argv, cwd }: BehindShell,
  { exitCode, output }: { readonly exitCode: number; readonly output: string },
): StartError | undefined {
  const [program = ""] = argv;
  const [first = ""] = output.split("\n", 1);
  if (!first.startsWith("holdfast: ") || !first.includes(`${program}: `)) return undefined;
  const details = { reason: "program", argv, cwd: displayPath(cwd) } as const;
  if (exitCode === NOT_FOUND && /: (?:not found|No such file or directory)\r?$/.test(first)) {
    const why = "there is no such command; check its name and the PATH of its environment";
    return new CommandNotFoundError(`ENOENT: cannot start ${program}: ${why}`, { ...details, code: "ENOENT" });
  }
  if (exitCode !== NOT_EXECUTABLE || !/: Permission denied\r?$/.test(first)) return undefined;
  const why = "permission denied; check that it is a file that may be run";
  return new StartError(`EACCES: cannot start ${program}: ${why}`, { ...details, code: "EACCES" });
}
