import { sync } from "@holdfast/exec-client/transfer";
import type { Arguments } from "../command-line/arguments.ts";
import type { Context } from "../command-line/context.ts";
import { UsageError } from "../command-line/failure.ts";
import { parseEndpoint } from "./endpoint.ts";
import { withTransfer } from "./with-transfer.ts";

/** `holdfast sync` */
export async function run(context: Context, args: Arguments): Promise<number> {
  const [source, destination] = args.positionals.map(parseEndpoint);
  if (source === undefined || destination === undefined) throw new UsageError("two folders are needed");
  if (source.side === destination.side) {
    throw new UsageError("one of the two must be remote:PATH, a folder on the executor, and the other a local one");
  }
  const isUp = source.side === "local";
  const [local, remote] = isUp ? [source.path, destination.path] : [destination.path, source.path];
  return await withTransfer(context, args, "sync", (executor, settings) =>
    sync(executor, local, remote, { ...settings, direction: isUp ? "up" : "down", delete: args.has("delete") }),
  );
}
