import type { ExitStatus } from "./process-group.ts";

/** A program that ended before it spoke, or that was ended because it did not. */
export class ProgramEnded extends Error {
  override readonly name = "ProgramEnded";
  readonly status: ExitStatus;
  /** The last 1,024 characters that it wrote to stderr, as one line with nothing in it that steers a terminal. */
  readonly stderr: string;

  constructor(status: ExitStatus, stderr: string) {
    super(`${describeStatus(status)}${stderr === "" ? "" : `: ${stderr}`}`);
    this.status = status;
    this.stderr = stderr;
  }
}

export function describeStatus({ code, signal }: ExitStatus): string {
  return signal === null ? `exited with code ${code}` : `was ended by ${signal}`;
}
