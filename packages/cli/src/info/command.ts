import type { Arguments } from "../command-line/arguments.ts";
import type { Context } from "../command-line/context.ts";
import { EXIT_OK } from "../command-line/failure.ts";
import { printableJson, printableLines } from "../command-line/printable.ts";
import { openExecutor } from "../executor/open-executor.ts";
import { shownExecutor } from "../executor/shown-executor.ts";
import { factsJson, factsOf, factsText } from "./facts.ts";

/** `holdfast info` */
export async function run(context: Context, args: Arguments): Promise<number> {
  await using opened = await openExecutor(context, args);
  const { executor, url } = opened;
  const shown = url === undefined ? undefined : shownExecutor(url);
  const facts = await factsOf(executor);
  const text = args.has("json")
    ? printableJson({ url: shown ?? null, ...factsJson(facts) })
    : factsText([["executor", shown ?? "inside this process"]], facts);
  context.stdout.write(printableLines(text));
  return EXIT_OK;
}
