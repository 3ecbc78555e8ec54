import { isEnvironmentError } from "@holdfast/orchestrator";
import type { Arguments } from "../command-line/arguments.ts";
import type { Context } from "../command-line/context.ts";
import { CommandFailure, EXIT_OK } from "../command-line/failure.ts";
import { nearest } from "../command-line/nearest.ts";
import { printableJson, printableLines } from "../command-line/printable.ts";
import { factsJson, factsOf, factsText } from "../info/facts.ts";
import { openEnvironments } from "./open-environments.ts";

/** `holdfast env info` */
export async function info(context: Context, args: Arguments, named: string | undefined): Promise<number> {
  await using environments = await openEnvironments(context, { connectsInBackground: false });
  const { registry } = environments;
  const id = named ?? registry.defaultId;
  if (id === undefined) throw new CommandFailure("no environment is the default: holdfast env list has their IDs");
  const handle = registry.get(id);
  if (handle === undefined) {
    const meant = nearest(
      id,
      registry.list().map((each) => each.id),
    );
    const hint = meant === undefined ? "holdfast env list has those that there are" : `perhaps '${meant}' is meant`;
    throw new CommandFailure(`unknown environment id '${id}'; ${hint}`);
  }
  try {
    const facts = await factsOf(await handle.executor());
    const { address, isRemote } = handle;
    const isDefault = id === registry.defaultId;
    const text = args.has("json")
      ? printableJson({ id, isDefault, isRemote, address, ...factsJson(facts) })
      : factsText(
          [
            ["environment", isDefault ? `${id} (the default)` : id],
            ["executor", address],
          ],
          facts,
        );
    context.stdout.write(printableLines(text));
    return EXIT_OK;
  } catch (error) {
    if (!isEnvironmentError(error)) throw error;
    throw new CommandFailure(`environment '${id}' is not there: ${error.message}`, { cause: error });
  }
}
