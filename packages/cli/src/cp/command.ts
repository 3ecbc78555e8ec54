import { InvalidArgumentError } from "@holdfast/exec-client";
import { copyWithin, download, TransferError, upload } from "@holdfast/exec-client/transfer";
import type { Arguments } from "../command-line/arguments.ts";
import type { Context } from "../command-line/context.ts";
import { CommandFailure, EXIT_FAILURE, EXIT_OK, UsageError } from "../command-line/failure.ts";
import { onOneLine, printableLines } from "../command-line/printable.ts";
import { openExecutor } from "../executor/open-executor.ts";
import { parseEndpoint } from "./endpoint.ts";
import { Interruption } from "./interruption.ts";
import { progressBar } from "./progress-bar.ts";
import { downloadStream, isStdin, isStdout, uploadStream } from "./standard-streams.ts";

/** `holdfast cp` */
export async function run(context: Context, args: Arguments): Promise<number> {
  const [source, destination] = args.positionals.map(parseEndpoint);
  if (source === undefined || destination === undefined) throw new UsageError("two paths are needed");
  if (source.side === "local" && destination.side === "local") {
    throw new UsageError("both paths are local: use cp, or write remote:PATH for a file on the executor");
  }
  if (args.has("recursive") && (isStdin(source) || isStdout(destination))) {
    throw new UsageError("a folder has no stream: leave -r away, or name a folder here");
  }
  using interruption = new Interruption();
  const { signal } = interruption;
  await using opened = await openExecutor(context, args);
  const { executor } = opened;
  let problems = 0;
  const tell = (line: string): void => void context.stderr.write(printableLines(`holdfast cp: ${onOneLine(line)}\n`));
  using bar = progressBar(context.stderr);
  const options = {
    signal,
    cwd: context.cwd,
    recursive: args.has("recursive"),
    onProgress: bar.show,
    onProblem: (line: string) => {
      problems += 1;
      tell(line);
    },
    onWarning: (line: string) => tell(`warning: ${line}`),
  };
  try {
    if (isStdin(source)) await uploadStream(executor, destination, { stdin: context.stdin, signal });
    else if (isStdout(destination)) await downloadStream(executor, source, { stdout: context.stdout, signal });
    else if (source.side === "local") await upload(executor, source.path, destination.path, options);
    else if (destination.side === "local") await download(executor, source.path, destination.path, options);
    else await copyWithin(executor, source.path, destination.path, options);
  } catch (error) {
    signal.throwIfAborted();
    throw commandFailure(error);
  }
  return problems === 0 ? EXIT_OK : EXIT_FAILURE;
}

function commandFailure(error: unknown): unknown {
  if (error instanceof InvalidArgumentError) return new UsageError(error.message, { cause: error });
  return error instanceof TransferError ? new CommandFailure(error.message, { cause: error }) : error;
}
