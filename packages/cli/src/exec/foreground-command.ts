import { setTimeout as delay } from "node:timers/promises";
import {
  isLinkError,
  isSessionGone,
  type OutputEvent,
  type ProcessEvent,
  type RunningProcess,
} from "@holdfast/exec-client";
import { CommandFailure, reasonOf } from "../command-line/failure.ts";
import { type Outlet, OutputClosedError } from "./outlet.ts";
import type { SignalTarget } from "./signals.ts";

/** As of a program that SIGPIPE ended. */
const EXIT_OUTPUT_CLOSED = 141;

/** How long to wait for the end of a command that was killed. */
const KILL_WAIT_MS = 2_000;

const SHELL_CODE_MASK = 0xff;

export interface ForegroundOptions {
  readonly stdout: Outlet;
  readonly stderr: Outlet;
  /** Where its events come from. Default: all there are, and a gap is an error. */
  readonly events?: (() => AsyncIterable<ProcessEvent>) | undefined;
  /** What becomes of the command when this program can not or must not go on. Default `kill`. */
  readonly whenLost?: "kill" | "leave" | undefined;
  /** Asked what to do about a command that may run on where nobody reaches it. */
  readonly onLost?: (() => Promise<string>) | undefined;
}

/** A running command whose output appears here. */
export class ForegroundCommand implements SignalTarget {
  readonly #process: RunningProcess;
  readonly #options: ForegroundOptions;
  readonly #givenUp = Promise.withResolvers<void>();
  #exitCode: number | undefined;
  #isShown = false;

  constructor(process: RunningProcess, options: ForegroundOptions) {
    this.#process = process;
    this.#options = options;
  }

  /** Whether everything has been handed to the system, the end included. */
  get isShown(): boolean {
    return this.#isShown;
  }

  /**
   * Follow it to its end.
   *
   * @param input - Rejects when the input cannot be read; the command is ended then.
   * @returns the exit code for this program.
   * @throws CommandFailure the input, the output or the connection to the executor failed.
   */
  async follow(input: Promise<void>): Promise<number> {
    const { stdout, stderr } = this.#options;
    const failed = [input.then(() => new Promise<never>(() => {})), stdout.broken, stderr.broken];
    try {
      await Promise.race([this.#copyOutput(), ...failed, this.#givenUp.promise]);
      return programExitCode(this.#exitCode);
    } catch (error) {
      if (isLinkError(error)) throw await this.#lost(error);
      if (this.#options.whenLost !== "leave") await this.#process[Symbol.asyncDispose]();
      if (error instanceof OutputClosedError) return EXIT_OUTPUT_CLOSED;
      throw error instanceof CommandFailure
        ? error
        : new CommandFailure(`${reasonOf(error)}; ${this.#fate()}`, { cause: error });
    }
  }

  interrupt(): void {
    // Only what it left running is waited for: nobody there hears of an interrupt.
    if (this.#exitCode !== undefined) {
      this.hangUp();
      return;
    }
    // One that was on a line when it broke is not repeated: two would not be the same, and a second one here kills.
    this.#process.interrupt().catch(() => {});
  }

  hangUp(): void {
    if (this.#options.whenLost === "leave") this.#giveUp();
    else this.kill();
  }

  kill(): void {
    this.#abandonOutlets();
    this.#endIt().then(this.#givenUp.resolve, this.#givenUp.resolve);
  }

  #giveUp(): void {
    this.#abandonOutlets();
    this.#givenUp.resolve();
  }

  #abandonOutlets(): void {
    this.#options.stdout.abandon();
    this.#options.stderr.abandon();
  }

  async #lost(error: Error): Promise<CommandFailure> {
    if (isSessionGone(error)) return new CommandFailure(reasonOf(error), { cause: error });
    const text = `the executor is out of reach: ${reasonOf(error)}; the command may still be running there`;
    const advice = await this.#options.onLost?.();
    return new CommandFailure(advice === undefined ? text : `${text}: ${advice}`, { cause: error });
  }

  #fate(): string {
    return this.#options.whenLost === "leave" ? "the command runs on" : "the command was ended";
  }

  /** Resolves when waiting for more is of no use: it is over, or what is left or the executor does not answer. */
  async #endIt(): Promise<void> {
    const ended = this.#terminate().then(({ running }) => (running ? this.#process.closed : undefined));
    await Promise.race([ended, delay(KILL_WAIT_MS)]);
  }

  /** Once more when the line broke under it: to kill twice is no harm. */
  #terminate(): Promise<{ readonly running: boolean }> {
    return this.#process.terminate().catch((error: unknown) => {
      if (!isLinkError(error) || error.delivery !== "unknown") throw error;
      return this.#process.terminate();
    });
  }

  async #copyOutput(): Promise<void> {
    const { events = () => this.#process.events() } = this.#options;
    for await (const event of events()) {
      if (event.type === "exited") this.#exitCode = event.exitCode;
      if (event.type === "output") await this.#outletOf(event).write(event.data);
    }
    await this.#options.stdout.flush();
    await this.#options.stderr.flush();
    this.#isShown = true;
  }

  #outletOf({ stream }: OutputEvent): Outlet {
    return stream === "stderr" ? this.#options.stderr : this.#options.stdout;
  }
}

/** The system keeps 8 bits of an exit code, and -1 stands for one that could not be learned. */
function programExitCode(exitCode: number | undefined): number {
  if (exitCode === undefined) return SHELL_CODE_MASK;
  const kept = exitCode & SHELL_CODE_MASK;
  return kept === 0 && exitCode !== 0 ? 1 : kept;
}
