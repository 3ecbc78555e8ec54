import type { OutputStream } from "@holdfast/exec-client";

/** What happens to the command of one call, in this order: begin, started, output and input, exited, end. */
export type ExecEvent = ExecBegin | ExecStarted | ExecOutput | ExecInput | ExecExited | ExecEnd;

interface OfCall {
  /** Of the `exec_command` that it is about. */
  readonly callId: string;
}

/** First of all, before anybody is asked. */
export interface ExecBegin extends OfCall {
  readonly type: "begin";
  readonly environmentId: string;
  readonly argv: readonly string[];
  /** The script that the shell is given. */
  readonly command: string;
  /** Native path. */
  readonly cwd: string;
}

/** It runs. A second time under the same number: without its sandbox, after that had refused something. */
export interface ExecStarted extends OfCall {
  readonly type: "started";
  readonly processId: number;
  readonly sandboxed: boolean;
}

/** Also behind `exited`, from what it left in the background. */
export interface ExecOutput extends OfCall {
  readonly type: "output";
  readonly processId: number;
  readonly stream: OutputStream;
  /** Cut anywhere. Do not write into it. */
  readonly data: Uint8Array;
}

/** `write_stdin` has written to it, or has sent it an interrupt. */
export interface ExecInput extends OfCall {
  readonly type: "input";
  readonly processId: number;
  readonly chars: string;
}

/** The command itself has ended; what it left in the background may go on to print. */
export interface ExecExited extends OfCall {
  readonly type: "exited";
  readonly processId: number;
  readonly exitCode: number;
}

/** Last of all, once. `declined`: it was not run, or not again. */
export interface ExecEnd extends OfCall {
  readonly type: "end";
  readonly processId: number | undefined;
  readonly status: "completed" | "failed" | "declined";
  /** Undefined: it never ran, or how it ended is not known. */
  readonly exitCode: number | undefined;
  /** All output, the first and the last half of a MiB of it. */
  readonly aggregatedOutput: string;
  readonly durationMs: number;
}
