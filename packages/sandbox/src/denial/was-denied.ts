import type { SandboxType } from "../launch-plan.ts";

/** Output of a process: text, bytes, or chunks of bytes that follow each other. */
export type OutputSection = string | Uint8Array | readonly Uint8Array[];

/** How a process ended, and what is still known of what it wrote. */
export interface FinishedProcess {
  readonly sandboxType: SandboxType;
  /** 128 and the number of the signal where a signal ended it. */
  readonly exitCode: number;
  /** Output of a terminal belongs here. */
  readonly stdout: OutputSection;
  readonly stderr: OutputSection;
}

/** What programs print after a refused call, in any case. */
const WORDS_OF_DENIAL =
  /operation not permitted|permission denied|read-only file system|seccomp|sandbox|landlock|failed to write file/i;

/** What shells report for wrong usage, a file that can not be executed, a command that is not there. */
const EXIT_CODES_OF_SHELLS: readonly number[] = [2, 126, 127];

const SIGSYS = 31;
const KILLED_BY_FILTER = 128 + SIGSYS;

/**
 * Was it probably the sandbox that made the process fail? A hint for asking the user, never a fact: it searches the
 * output for words of denial, so a program that prints them and fails counts as well.
 */
export function wasDenied(finished: FinishedProcess): boolean {
  const { sandboxType, exitCode, stdout, stderr } = finished;
  if (sandboxType === "none" || exitCode === 0) return false;
  if (speaksOfDenial(stderr) || speaksOfDenial(stdout)) return true;
  if (EXIT_CODES_OF_SHELLS.includes(exitCode)) return false;
  return sandboxType === "linuxSeccomp" && exitCode === KILLED_BY_FILTER;
}

function speaksOfDenial(section: OutputSection): boolean {
  return WORDS_OF_DENIAL.test(textOf(section));
}

function textOf(section: OutputSection): string {
  if (typeof section === "string") return section;
  // One character per byte: the words are ASCII, so broken or cut UTF-8 can neither hide nor make one.
  if (section instanceof Uint8Array)
    return Buffer.from(section.buffer, section.byteOffset, section.byteLength).toString("latin1");
  return Buffer.concat(section).toString("latin1");
}
