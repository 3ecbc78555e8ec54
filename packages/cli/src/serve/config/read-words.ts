import type { Arguments } from "../../command-line/arguments.ts";
import type { Context } from "../../command-line/context.ts";
import { UsageError } from "../../command-line/failure.ts";
import { ConfiguredWords } from "./configured-words.ts";

/**
 * The words of a start, from the options and the file that `--config` names.
 *
 * @throws CommandFailure the file can't be read. UsageError for what in it is not understood.
 */
export async function readWords(args: Arguments, context: Pick<Context, "cwd">): Promise<ConfiguredWords> {
  const name = args.text("config");
  if (name === undefined) return new ConfiguredWords(args, undefined);
  if (name === "") throw new UsageError("--config must name a file");
  const { readConfigFile } = await import("./config-file.ts");
  return new ConfiguredWords(args, readConfigFile(name, context.cwd));
}
