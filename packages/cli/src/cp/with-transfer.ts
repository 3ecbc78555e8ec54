import { type Executor, InvalidArgumentError } from "@holdfast/exec-client";
import { type FolderOptions, TransferError } from "@holdfast/exec-client/transfer";
import type { Arguments } from "../command-line/arguments.ts";
import type { Context } from "../command-line/context.ts";
import { CommandFailure, EXIT_FAILURE, EXIT_OK, UsageError } from "../command-line/failure.ts";
import { onOneLine, printableLines } from "../command-line/printable.ts";
import { openExecutor } from "../executor/open-executor.ts";
import { Interruption } from "../signals/interruption.ts";
import { progressBar } from "./progress-bar.ts";

/** What a transfer of the command line is told. */
export type TransferSettings = FolderOptions & { readonly signal: AbortSignal };

/**
 * Run a transfer: ended by signals, with a bar on a terminal, and one line on stderr for each thing that is left out.
 *
 * @param name - Of the command, for those lines.
 * @returns the exit code: 1 where something was left out.
 */
export async function withTransfer(
  context: Context,
  args: Arguments,
  name: string,
  perform: (executor: Executor, settings: TransferSettings) => Promise<unknown>,
): Promise<number> {
  const compare = comparisonOf(args);
  using interruption = new Interruption("nothing was copied");
  const { signal } = interruption;
  await using opened = await openExecutor(context, args, { signal }).catch((error: unknown) => {
    signal.throwIfAborted();
    throw error;
  });
  let problems = 0;
  const tell = (line: string): void =>
    void context.stderr.write(printableLines(`holdfast ${name}: ${onOneLine(line)}\n`));
  using bar = progressBar(context.stderr);
  const settings = {
    signal,
    cwd: context.cwd,
    exclude: args.texts("exclude"),
    gitignore: args.has("gitignore"),
    compare,
    resume: args.has("resume"),
    onProgress: bar.show,
    onProblem: (line: string) => {
      problems += 1;
      tell(line);
    },
    onWarning: (line: string) => tell(`warning: ${line}`),
  };
  try {
    await perform(opened.executor, settings);
  } catch (error) {
    signal.throwIfAborted();
    throw commandFailure(error);
  }
  return problems === 0 ? EXIT_OK : EXIT_FAILURE;
}

function comparisonOf(args: Arguments): "time" | "content" | "none" {
  if (args.has("checksum") && args.has("whole")) throw new UsageError("--checksum and --whole: choose one");
  if (args.has("whole")) return "none";
  return args.has("checksum") ? "content" : "time";
}

function commandFailure(error: unknown): unknown {
  if (error instanceof InvalidArgumentError) return new UsageError(error.message, { cause: error });
  return error instanceof TransferError ? new CommandFailure(error.message, { cause: error }) : error;
}
