import { copyWithin, download, upload } from "@holdfast/exec-client/transfer";
import type { Arguments } from "../command-line/arguments.ts";
import type { Context } from "../command-line/context.ts";
import { UsageError } from "../command-line/failure.ts";
import { parseEndpoint } from "./endpoint.ts";
import { downloadStream, isStdin, isStdout, uploadStream } from "./standard-streams.ts";
import { withTransfer } from "./with-transfer.ts";

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
  return await withTransfer(context, args, "cp", (executor, settings) => {
    const { signal } = settings;
    const options = { ...settings, recursive: args.has("recursive") };
    if (isStdin(source)) return uploadStream(executor, destination, { stdin: context.stdin, signal });
    if (isStdout(destination)) return downloadStream(executor, source, { stdout: context.stdout, signal });
    if (source.side === "local") return upload(executor, source.path, destination.path, options);
    if (destination.side === "local") return download(executor, source.path, destination.path, options);
    return copyWithin(executor, source.path, destination.path, options);
  });
}
