import { execFile } from "node:child_process";

/** What became of a program that was tried. */
export interface ProgramResult {
  readonly isDone: boolean;
  /** First line of its output, or why it failed. */
  readonly text: string;
}

const TIMEOUT_MS = 5_000;

/** Run a program to its end, without a shell. Never throws. */
export function probeProgram(program: string, args: readonly string[]): Promise<ProgramResult> {
  return new Promise((resolve) => {
    execFile(program, [...args], { timeout: TIMEOUT_MS }, (error, stdout, stderr) => {
      const told = firstLine(error === null ? stdout : stderr);
      resolve({ isDone: error === null, text: told === "" ? firstLine(error?.message ?? "") : told });
    });
  });
}

const firstLine = (text: string): string => text.trim().split("\n")[0] ?? "";
