import { type Environment, ProcessInputError, type RunningProcess, type StartOptions } from "@holdfast/exec-client";
import { followTerminalSize, terminalSizeOf } from "@holdfast/exec-client/terminal";
import type { Context } from "../command-line/context.ts";
import { CommandFailure } from "../command-line/failure.ts";
import type { EscapeKeys } from "./escape-keys.ts";
import type { StdinMode } from "./exec-options.ts";
import type { LocalInput } from "./local-input.ts";

/** How the input of this process becomes the input of the command. */
export interface CommandInput {
  /** What to start so that `argv` runs with this input. */
  start(argv: readonly string[]): Pick<StartOptions, "argv" | "tty" | "terminal" | "stdin" | "input">;
  /**
   * Hand on the input until its end, or until nobody wants it.
   *
   * @param escapes - Takes keys of a terminal that mean this program.
   * @throws the system's error when the input cannot be read.
   */
  pump(process: RunningProcess, escapes?: EscapeKeys): Promise<void>;
}

const CTRL_D = "\u0004";
const LF = 0x0a;

interface TerminalInputOptions {
  readonly shown: Context["stdout"];
  readonly canSize?: boolean;
  readonly emptyEnds?: boolean;
}

/** A command that finds its stdin at its end. */
export const noInput: CommandInput = {
  start: (argv) => ({ argv }),
  pump: async () => {},
};

/**
 * Choose the way for a command without a terminal.
 *
 * @throws CommandFailure there is input, and no `sh` on the executor to hand it over.
 */
export async function commandInput(
  environment: Pick<Environment, "pathConvention" | "capabilities">,
  input: LocalInput,
  mode: Exclude<StdinMode, "none">,
): Promise<CommandInput> {
  if (await input.isEmpty()) return noInput;
  const needsShell = mode === "file" || !environment.capabilities.holdfastProcessControl;
  if (needsShell && environment.pathConvention === "windows") {
    throw new CommandFailure("stdin needs sh, which this executor's system does not have; use --stdin=none");
  }
  return {
    start: (argv) => ({ argv, input: input.chunks(), stdin: mode === "file" ? "file" : "pipe" }),
    async pump(process) {
      try {
        await process.inputSent;
      } catch (error) {
        throw error instanceof ProcessInputError ? error.cause : error;
      } finally {
        input.close();
      }
    },
  };
}

/**
 * The keys, or whatever else comes in, go to the terminal that the command runs in, which has the size of the one here.
 *
 * @param options.shown - Where it appears.
 * @param options.canSize - Whether the executor can start it with a size; else it is resized at once.
 * @param options.emptyEnds - Whether an input without a single byte is told as its end. Default true.
 */
export function terminalInput(
  input: LocalInput | undefined,
  { shown, canSize = false, emptyEnds = true }: TerminalInputOptions,
): CommandInput {
  const size = canSize ? terminalSizeOf(shown) : undefined;
  return {
    start: (argv) => ({ argv, tty: true, terminal: size }),
    async pump(process, escapes) {
      const following = followTerminalSize(process, shown, size);
      const stop = (): void => following[Symbol.dispose]();
      process.exited.then(stop, stop);
      if (input === undefined) return;
      input.takeEveryKey(escapes);
      await passKeys(process, input, emptyEnds);
    },
  };
}

async function passKeys(process: RunningProcess, input: LocalInput, emptyEnds: boolean): Promise<void> {
  let lastByte: number | undefined;
  for await (const chunk of input.chunks()) {
    if (!(await isTaken(process.write(chunk)))) return;
    lastByte = chunk.at(-1);
  }
  if (lastByte === undefined && !emptyEnds) return;
  // The first one only ends a line that has begun.
  await isTaken(process.write(lastByte === LF || lastByte === undefined ? CTRL_D : CTRL_D + CTRL_D));
}

/** A command that has ended takes nothing any more, and its end is told elsewhere. */
function isTaken(written: Promise<void>): Promise<boolean> {
  return written.then(
    () => true,
    () => false,
  );
}
