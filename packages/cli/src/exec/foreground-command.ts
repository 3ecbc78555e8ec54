import { setTimeout as delay } from "node:timers/promises";
import { isLinkError, type OutputEvent, type RunningProcess } from "@holdfast/exec-client";
import { CommandFailure, reasonOf } from "../command-line/failure.ts";
import { type Outlet, OutputClosedError } from "./outlet.ts";
import type { SignalTarget } from "./signals.ts";

/** As of a program that SIGPIPE ended. */
const EXIT_OUTPUT_CLOSED = 141;

/** How long to wait for the end of a command that was killed. */
const KILL_WAIT_MS = 2_000;

const SHELL_CODE_MASK = 0xff;

export interface Outlets {
  readonly stdout: Outlet;
  readonly stderr: Outlet;
}

/** A running command whose output appears here. */
export class ForegroundCommand implements SignalTarget {
  readonly #process: RunningProcess;
  readonly #outlets: Outlets;
  readonly #givenUp = Promise.withResolvers<void>();
  #exitCode: number | undefined;

  constructor(process: RunningProcess, outlets: Outlets) {
    this.#process = process;
    this.#outlets = outlets;
  }

  /**
   * Follow it to its end.
   *
   * @param input - Rejects when the input cannot be read; the command is ended then.
   * @returns the exit code for this program.
   * @throws CommandFailure the input, the output or the line to the executor failed.
   */
  async follow(input: Promise<void>): Promise<number> {
    const { stdout, stderr } = this.#outlets;
    const failed = [input.then(() => new Promise<never>(() => {})), stdout.broken, stderr.broken];
    try {
      await Promise.race([this.#copyOutput(), ...failed, this.#givenUp.promise]);
      return programExitCode(this.#exitCode);
    } catch (error) {
      if (isLinkError(error)) {
        throw new CommandFailure(`${reasonOf(error)}; the command may still be running there`, { cause: error });
      }
      await this.#process[Symbol.asyncDispose]();
      if (error instanceof OutputClosedError) return EXIT_OUTPUT_CLOSED;
      throw error instanceof CommandFailure
        ? error
        : new CommandFailure(`${reasonOf(error)}; the command was ended`, { cause: error });
    }
  }

  interrupt(): void {
    // A line that cannot carry it ends the command for us anyway.
    this.#process.interrupt().catch(() => {});
  }

  kill(): void {
    this.#outlets.stdout.abandon();
    this.#outlets.stderr.abandon();
    this.#endIt().then(this.#givenUp.resolve, this.#givenUp.resolve);
  }

  /** Resolves when waiting for more is of no use: only descendants are left, or the executor does not answer. */
  async #endIt(): Promise<void> {
    const ended = this.#process.terminate().then(({ running }) => (running ? this.#process.closed : undefined));
    await Promise.race([ended, delay(KILL_WAIT_MS)]);
  }

  async #copyOutput(): Promise<void> {
    for await (const event of this.#process.events()) {
      if (event.type === "exited") this.#exitCode = event.exitCode;
      if (event.type === "output") await this.#outletOf(event).write(event.data);
    }
    await this.#outlets.stdout.flush();
    await this.#outlets.stderr.flush();
  }

  #outletOf({ stream }: OutputEvent): Outlet {
    return stream === "stderr" ? this.#outlets.stderr : this.#outlets.stdout;
  }
}

/** The system keeps 8 bits of an exit code, and -1 stands for one that could not be learned. */
function programExitCode(exitCode: number | undefined): number {
  if (exitCode === undefined) return SHELL_CODE_MASK;
  const kept = exitCode & SHELL_CODE_MASK;
  return kept === 0 && exitCode !== 0 ? 1 : kept;
}
