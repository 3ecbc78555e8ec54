import { UnsupportedError } from "../errors/unsupported-error.ts";
import { CONTROL_DONE, CONTROL_NOT_FOUND, resizeCommand, signalCommand } from "./control-scripts.ts";
import type { ProcessControl } from "./process-control.ts";
import type { SignalName } from "./signal-names.ts";
import type { TerminalSize } from "./terminal-size.ts";

/** Runs a helper command beside the process, and tells its exit code. */
export type RunHelper = (argv: readonly string[]) => Promise<number>;

/** For executors without an extension of ours: helper commands do it, on the process that has this mark in its environment. */
export class ShellControl implements ProcessControl {
  readonly #run: RunHelper;
  readonly #mark: string;

  constructor(run: RunHelper, mark: string) {
    this.#run = run;
    this.#mark = mark;
  }

  async signal(name: SignalName): Promise<boolean> {
    const exitCode = await this.#run(signalCommand(this.#mark, name));
    if (exitCode === CONTROL_DONE || exitCode === CONTROL_NOT_FOUND) return exitCode === CONTROL_DONE;
    throw new UnsupportedError(
      `process.kill("${name}")`,
      "the capability holdfastProcessControl, and a /proc to find it in",
    );
  }

  async resize(size: TerminalSize): Promise<void> {
    const exitCode = await this.#run(resizeCommand(this.#mark, size));
    if (exitCode === CONTROL_DONE || exitCode === CONTROL_NOT_FOUND) return;
    const lacks = "the capability holdfastProcessControl, and a /proc and stty that reach the terminal";
    throw new UnsupportedError("process.resize", lacks);
  }

  async closeStdin(): Promise<void> {
    const lacks = 'the capability holdfastProcessControl; start the process with stdin: "pipe" instead of pipeStdin';
    throw new UnsupportedError("process.closeStdin", lacks);
  }
}
