import type { Arguments } from "../command-line/arguments.ts";
import type { Context } from "../command-line/context.ts";
import { EXIT_OK, UsageError } from "../command-line/failure.ts";
import { openExecutor } from "../executor/open-executor.ts";
import { copyOnExecutor } from "./copy-on-executor.ts";
import { download } from "./download.ts";
import { parseEndpoint } from "./endpoint.ts";
import { Interruption } from "./interruption.ts";
import { createProgress } from "./progress-bar.ts";
import type { Transfer } from "./transfer.ts";
import { upload } from "./upload.ts";

/** `holdfast cp` */
export async function run(context: Context, args: Arguments): Promise<number> {
  const [source, destination] = args.positionals.map(parseEndpoint);
  if (source === undefined || destination === undefined) throw new UsageError("two paths are needed");
  if (source.side === "local" && destination.side === "local") {
    throw new UsageError("both paths are local: use cp, or write remote:PATH for a file on the executor");
  }
  using interruption = new Interruption();
  const { signal } = interruption;
  await using opened = await openExecutor(context, args);
  const { executor } = opened;
  const progress: Transfer["progress"] = (name, totalBytes) => createProgress(context.stderr, { name, totalBytes });
  const transfer = { executor, source, destination, cwd: context.cwd, signal, progress };
  if (source.side === "local") await upload(transfer);
  else if (destination.side === "local") await download(transfer);
  else await copyOnExecutor(transfer);
  return EXIT_OK;
}
