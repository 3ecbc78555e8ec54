import { setTimeout as delay } from "node:timers/promises";
import {
  isLinkError,
  isSessionGone,
  type OutputEvent,
  type ProcessEvent,
  type RunningProcess,
} from "@holdfast/exec-client";
import { CommandFailure, EXIT_OK, EXIT_OWN_FAILURE, reasonOf } from "../command-line/failure.ts";
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
  /** Told, in a line, of a command that was to be ended and of which that is not known. */
  readonly onUnended?: ((text: string) => void) | undefined;
  /** Whether there is a line now on which the executor can be asked. Default: it is waited for. */
  readonly isReachable?: (() => boolean) | undefined;
}

/** What is done to a process in front of the user. */
export type ForegroundProcess = Pick<RunningProcess, "interrupt" | "terminate"> & {
  readonly closed: Promise<unknown>;
  events(): AsyncIterable<ProcessEvent>;
};

/** A running command whose output appears here. */
export class ForegroundCommand implements SignalTarget {
  readonly #process: ForegroundProcess;
  readonly #options: ForegroundOptions;
  readonly #givenUp = Promise.withResolvers<void>();
  #exitCode: number | undefined;
  #ending: Promise<boolean> | undefined;
  #isShown = false;
  #isLeft = false;
  /** What a person who has enough of it makes the exit code, whatever the command makes of it. */
  #leftWith: number | undefined;
  #isTold = false;

  constructor(process: ForegroundProcess, options: ForegroundOptions) {
    this.#process = process;
    this.#options = options;
  }

  /** Whether everything has been handed to the system, the end included. */
  get isShown(): boolean {
    return this.#isShown;
  }

  /** Whether it was left running by {@link detach}. */
  get isLeft(): boolean {
    return this.#isLeft;
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
      return this.#leftWith ?? programExitCode(this.#exitCode);
    } catch (error) {
      if (isLinkError(error)) throw await this.#lost(error);
      if (error instanceof OutputClosedError) {
        if (this.#options.whenLost !== "leave") await this.#end();
        return EXIT_OUTPUT_CLOSED;
      }
      const fate = this.#options.whenLost === "leave" ? "the command runs on" : await this.#fate();
      throw error instanceof CommandFailure
        ? error
        : new CommandFailure(`${reasonOf(error)}; ${fate}`, { cause: error });
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
    this.#end().then(this.#givenUp.resolve, this.#givenUp.resolve);
  }

  /** End it as {@link kill} does, and {@link follow} returns 255; where there is no line at the moment, without waiting for one. */
  quit(): void {
    const { isReachable = () => true, whenLost } = this.#options;
    if (whenLost !== "leave" && !isReachable()) this.#ending ??= Promise.resolve(false);
    this.#leftWith = EXIT_OWN_FAILURE;
    this.hangUp();
  }

  /** Leave it running, and be done with it: {@link follow} returns 0. */
  detach(): void {
    this.#isLeft = true;
    this.#leftWith = EXIT_OK;
    this.#giveUp();
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
    const text = `the executor is out of reach: ${reasonOf(error)}; ${await this.#mayRunOn()}`;
    return new CommandFailure(text, { cause: error });
  }

  async #mayRunOn(): Promise<string> {
    const text = "the command may still be running there";
    const advice = await this.#options.onLost?.();
    return advice === undefined ? text : `${text}: ${advice}`;
  }

  /** End it, and tell where it is not known to have ended. */
  async #end(): Promise<void> {
    const isEnded = await this.#ended();
    if (isEnded || this.#isTold) return;
    this.#isTold = true;
    this.#options.onUnended?.(`the executor did not answer; ${await this.#mayRunOn()}`);
  }

  /** End it. @returns what became of it, in words. */
  async #fate(): Promise<string> {
    return (await this.#ended()) ? "the command was ended" : await this.#mayRunOn();
  }

  /**
   * Resolves when waiting for more is of no use: it is over, or what is left or the executor does not answer.
   *
   * @returns whether the executor has ended it.
   */
  #ended(): Promise<boolean> {
    this.#ending ??= this.#endIt();
    return this.#ending;
  }

  async #endIt(): Promise<boolean> {
    let isEnded = false;
    const ended = this.#terminate().then(
      ({ running }) => {
        isEnded = true;
        return running ? this.#process.closed : undefined;
      },
      (error: unknown) => {
        // With its session went all that ran in it.
        isEnded = isSessionGone(error);
      },
    );
    await Promise.race([ended.catch(() => {}), delay(KILL_WAIT_MS)]);
    return isEnded;
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
