import type { Bytes } from "./bytes.ts";
import type { OutputEvent } from "./process/events.ts";
import type { CollectedOutput, OutputEncoding } from "./process/output-collector.ts";
import type { ProcessOptions } from "./process/start-options.ts";
import type { SandboxDenial } from "./sandbox/sandbox-denial.ts";

/** Options of `executor.run`. Without a type argument, of one that gives text. */
export interface RunOptions<Encoding extends OutputEncoding = "utf8"> extends ProcessOptions {
  /** Fail with `CommandFailedError` when the exit code is not 0. Default false: any exit code is a result. */
  readonly check?: boolean | undefined;
  /** Milliseconds the command may take, start included; then it is ended, by `killSignal` or else at once. Default: no limit. */
  readonly timeoutMs?: number | undefined;
  /** Ends the command when aborted, by `killSignal` or else at once. */
  readonly signal?: AbortSignal | undefined;
  /** Bytes of stdout and stderr together that the result keeps. Default 16 MiB. The command goes on beyond it. */
  readonly maxOutputBytes?: number | undefined;
  /** `utf8`: output as strings. `bytes`: as `Uint8Array`. Default `utf8`. */
  readonly encoding?: Encoding | undefined;
  /**
   * When to return. `close`: when all output has ended, for which descendants that hold it open are waited for. `exit`: when the command itself has
   * ended, with the output until then; descendants go on, unseen, for as long as the executor keeps the session. Default `close`.
   */
  readonly waitFor?: "close" | "exit" | undefined;
  /** Sees every piece of output as it arrives, also beyond `maxOutputBytes`. If it throws, the command is terminated. */
  readonly onOutput?: ((event: OutputEvent) => void) | undefined;
}

/** What a finished command left. */
export interface RunResult<Output = string> extends CollectedOutput<Output> {
  /** A result, also when it is not 0, unless `check` was asked for. `128 + n` for a command that died of signal `n`. */
  readonly exitCode: number;
  /** The signal that an exit code above 128 stands for by custom, e.g. `SIGKILL`; undefined otherwise and with `tty`. */
  readonly signal: string | undefined;
  /** The executor's guess, from exit code and output, that the sandbox was the cause. */
  readonly sandboxDenied: boolean;
  /**
   * Of a confined command that failed: what its sandbox probably refused it, by which rule, and how to allow it. Guessed from what
   * the command said, and held against the rules. Undefined where nothing fits.
   */
  readonly denial?: SandboxDenial | undefined;
  /** Milliseconds from the request to the end of the output, as this client saw them. */
  readonly durationMs: number;
}

/** The command was terminated before it was done. */
export class RunInterruptedError<Output extends string | Uint8Array = string | Bytes> extends Error {
  /** `AbortError` or `TimeoutError`, as the platform names them. */
  override readonly name: "AbortError" | "TimeoutError";
  readonly code: "aborted" | "timeout";
  /** The reason of the signal, which is its `cause` as well; undefined when `timeoutMs` passed. */
  readonly reason: unknown;
  /** What arrived until then. */
  readonly partial: CollectedOutput<Output>;
  /** Whether its end was seen, that of its output included. False: a terminate was sent, and it may still be running. */
  readonly isEnded: boolean;
  /**
   * Set when the command itself had exited before: then what it left running held its output open. It is ended along with
   * the output where the executor is this project's.
   */
  readonly exitCode: number | undefined;

  constructor(
    reason: { readonly code: "aborted" | "timeout"; readonly message: string; readonly cause: unknown },
    outcome: {
      partial: CollectedOutput<Output>;
      isEnded: boolean;
      exitCode: number | undefined;
    },
  ) {
    const { exitCode } = outcome;
    const held = `; it had exited with ${exitCode}, but what it left running held its output open`;
    super(exitCode === undefined ? reason.message : `${reason.message}${held}`, { cause: reason.cause });
    this.name = reason.code === "aborted" ? "AbortError" : "TimeoutError";
    this.code = reason.code;
    this.reason = reason.cause;
    this.partial = outcome.partial;
    this.isEnded = outcome.isEnded;
    this.exitCode = exitCode;
  }
}
