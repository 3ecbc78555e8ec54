import type { Executor, RunningProcess, StartOptions } from "@holdfast/exec-client";
import { type PathUri, toNativePath } from "@holdfast/path-uri";
import { FrameFeeder } from "../executor/frame-feeder.ts";
import { temporaryPath } from "../executor/temporary-path.ts";
import type { StdinMode } from "./exec-options.ts";
import type { LocalInput } from "./local-input.ts";

/** How the input of this process becomes the input of the command. */
export interface CommandInput extends AsyncDisposable {
  /** What to start so that `argv` runs with this input. */
  start(argv: readonly string[]): Pick<StartOptions, "argv" | "tty">;
  /**
   * Hand on the input until its end, or until nobody wants it.
   *
   * @throws the system's error when the input cannot be read.
   */
  pump(process: RunningProcess): Promise<void>;
}

/** How long cleaning up may keep a program that is done. */
const DISCARD_TIMEOUT_MS = 2_000;
const CTRL_D = "\u0004";
const LF = 0x0a;
/** Name that `sh` gives itself in the message about a command that cannot be started. */
const SHELL_NAME = "holdfast exec";
/** The command takes the place of the shell: its exit, its signals and its process group are those of the command. */
const READ_PIPE = 'exec <"$1" || exit; shift; exec "$@"';
const READ_FILE = 'exec <"$1" || exit; rm -f "$1"; shift; exec "$@"';
const nothing = async (): Promise<void> => {};

/** A command that finds its stdin at its end. */
export const noInput: CommandInput = {
  start: (argv) => ({ argv }),
  pump: nothing,
  [Symbol.asyncDispose]: nothing,
};

/**
 * Choose the way for a command without a terminal.
 *
 * @param signal - Gives up collecting the input, with its reason.
 */
export async function commandInput(
  executor: Executor,
  input: LocalInput,
  { mode, signal }: { readonly mode: StdinMode; readonly signal: AbortSignal },
): Promise<CommandInput> {
  if (await input.isEmpty()) return noInput;
  return mode === "file" ? fileInput(executor, input, signal) : pipeInput(executor, input);
}

/**
 * The keys, or whatever else comes in, go to the terminal that the command runs in.
 *
 * @param options.emptyEnds - Whether an input without a single byte is told as its end. Default true.
 */
export function terminalInput(
  input: LocalInput | undefined,
  { emptyEnds = true }: { readonly emptyEnds?: boolean } = {},
): CommandInput {
  const restore = (): void => input?.setRaw(false);
  return {
    start: (argv) => ({ argv, tty: true }),
    async pump(process) {
      if (input === undefined) return;
      if (input.isTerminal) {
        input.setRaw(true);
        // Also when the program ends in a way that skips the disposal.
        globalThis.process.once("exit", restore);
      }
      await passKeys(process, input, emptyEnds);
    },
    async [Symbol.asyncDispose]() {
      restore();
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

/** The command reads a named pipe, which another process fills, until its end. */
async function pipeInput(executor: Executor, input: LocalInput): Promise<CommandInput> {
  const path = temporaryPath(executor.environment, "stdin");
  const feeder = await FrameFeeder.start(executor, "pipe", path);
  return {
    start: (argv) => ({ argv: withStdin(READ_PIPE, path, argv) }),
    async pump() {
      await Promise.race([feedAll(feeder, input), feeder.gone()]);
      input.close();
    },
    async [Symbol.asyncDispose]() {
      await feeder[Symbol.asyncDispose]();
      // It still has its name when the command was never started.
      await discard(executor, path);
    },
  };
}

/** The command reads a file that has no name any more. All of the input is in it before the command starts. */
async function fileInput(executor: Executor, input: LocalInput, signal: AbortSignal): Promise<CommandInput> {
  const path = temporaryPath(executor.environment, "stdin");
  try {
    await using feeder = await FrameFeeder.start(executor, "file", path);
    await Promise.race([feedAll(feeder, input), whenAborted(signal)]);
  } catch (error) {
    await discard(executor, path);
    throw error;
  }
  return {
    start: (argv) => ({ argv: withStdin(READ_FILE, path, argv) }),
    pump: nothing,
    [Symbol.asyncDispose]: () => discard(executor, path),
  };
}

function withStdin(script: string, path: PathUri, argv: readonly string[]): readonly string[] {
  return ["/bin/sh", "-c", script, SHELL_NAME, toNativePath(path, "posix"), ...argv];
}

async function feedAll(feeder: FrameFeeder, input: LocalInput): Promise<void> {
  for await (const chunk of input.chunks()) {
    await feeder.write(chunk);
    if (feeder.isGone) return;
  }
  await feeder.end();
}

function whenAborted(signal: AbortSignal): Promise<never> {
  return new Promise((_, reject) => {
    if (signal.aborted) reject(signal.reason);
    else signal.addEventListener("abort", () => reject(signal.reason), { once: true });
  });
}

async function discard(executor: Executor, path: PathUri): Promise<void> {
  // Without a line it would wait for one, long after this program was told to end.
  await executor.fs.remove(path, { force: true, timeoutMs: DISCARD_TIMEOUT_MS }).catch(() => {});
}
