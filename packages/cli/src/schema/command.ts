import type { Arguments } from "../command-line/arguments.ts";
import type { Context } from "../command-line/context.ts";
import { EXIT_OK, UsageError } from "../command-line/failure.ts";
import { printableJson, printableLines } from "../command-line/printable.ts";
import { compareReleases } from "./diff/compare-releases.ts";
import { differenceText } from "./difference-text.ts";
import { knownRelease } from "./known-releases.ts";

/** `holdfast schema` */
export async function run(context: Context, args: Arguments): Promise<number> {
  const [action = "", before = "", after = ""] = args.positionals;
  if (action !== "diff") throw new UsageError(`'${action}' is not diff`);
  const difference = compareReleases(knownRelease(before), knownRelease(after));
  context.stdout.write(printableLines(args.has("json") ? printableJson(difference) : differenceText(difference)));
  return EXIT_OK;
}
