import type { Arguments } from "../command-line/arguments.ts";
import type { Context } from "../command-line/context.ts";
import { EXIT_FAILURE, EXIT_OK, UsageError } from "../command-line/failure.ts";
import { printableLines } from "../command-line/printable.ts";
import { openExecutor } from "../executor/open-executor.ts";
import { copyOnExecutor } from "./copy-on-executor.ts";
import { copyTreeOnExecutor } from "./copy-tree-on-executor.ts";
import { download } from "./download.ts";
import { downloadTree } from "./download-tree.ts";
import { parseEndpoint } from "./endpoint.ts";
import { Interruption } from "./interruption.ts";
import { Problems } from "./problems.ts";
import { createProgress } from "./progress-bar.ts";
import { downloadStream, isStdin, isStdout, uploadStream } from "./standard-streams.ts";
import type { Transfer } from "./transfer.ts";
import { upload } from "./upload.ts";
import { uploadTree } from "./upload-tree.ts";

const FILES = { up: upload, down: download, within: copyOnExecutor };
const TREES = { up: uploadTree, down: downloadTree, within: copyTreeOnExecutor };

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
  const progress: Transfer["progress"] = (name, totalBytes) => createProgress(context.stderr, { name, totalBytes });
  const problems = new Problems((line) => context.stderr.write(printableLines(`holdfast cp: ${line}\n`)));
  const transfer = { executor, source, destination, cwd: context.cwd, signal, problems, progress };
  const { up, down, within } = args.has("recursive") ? TREES : FILES;
  if (isStdin(source)) await uploadStream(transfer, context);
  else if (isStdout(destination)) await downloadStream(transfer, context);
  else if (source.side === "local") await up(transfer);
  else if (destination.side === "local") await down(transfer);
  else await within(transfer);
  return problems.count === 0 ? EXIT_OK : EXIT_FAILURE;
}
