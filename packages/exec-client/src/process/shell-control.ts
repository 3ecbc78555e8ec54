import { UnsupportedError } from "../errors/unsupported-error.ts";
import {
  CONTROL_DONE,
  CONTROL_NOT_FOUND,
  endCommand,
  type MarkedProcess,
  resizeCommand,
  signalCommand,
} from "./control-scripts.ts";
import type { ProcessControl } from "./process-control.ts";
import type { SignalName } from "./signal-names.ts";
import type { TerminalSize } from "./terminal-size.ts";

/** Runs a helper command beside the process, and tells its exit code. */
export type RunHelper = (argv: readonly string[]) => Promise<number>;

/** For executors without an extension of ours: helper commands do it, on the process that has this mark in its environment. */
export class ShellControl implements ProcessControl {
  readonly #run: RunHelper;
  readonly #process: MarkedProcess;

  constructor(run: RunHelper, process: MarkedProcess) {
    this.#run = run;
    this.#process = process;
  }

  async signal(name: SignalName): Promise<boolean> {
    const exitCode = await this.#run(signalCommand(this.#process, name));
    if (exitCode === CONTROL_DONE || exitCode === CONTROL_NOT_FOUND) return exitCode === CONTROL_DONE;
    throw new UnsupportedError(
      `process.kill("${name}")`,
      "the capability holdfastProcessControl, and a /proc to find it in",
    );
  }

  async resize(size: TerminalSize): Promise<void> {
    const exitCode = await this.#run(resizeCommand(this.#process, size));
    if (exitCode === CONTROL_DONE || exitCode === CONTROL_NOT_FOUND) return;
    const lacks = "the capability holdfastProcessControl, and a /proc and stty that reach the terminal";
    throw new UnsupportedError("process.resize", lacks);
  }

  async closeStdin(): Promise<void> {
    const lacks = 'the capability holdfastProcessControl; start the process with stdin: "pipe" instead of pipeStdin';
    throw new UnsupportedError("process.closeStdin", lacks);
  }

  readonly end = undefined;

  async endDescendants(): Promise<void> {
    await this.#run(endCommand(this.#process));
  }
}
