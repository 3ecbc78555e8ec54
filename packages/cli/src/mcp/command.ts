import type { Arguments } from "../command-line/arguments.ts";
import type { Context } from "../command-line/context.ts";
import { UsageError } from "../command-line/failure.ts";
import { serve } from "./serve.ts";

const ACTIONS = ["serve"] as const;

/** `holdfast mcp` */
export async function run(context: Context, args: Arguments): Promise<number> {
  const [word = ""] = args.positionals;
  const action = ACTIONS.find((each) => each === word);
  if (action === undefined) throw new UsageError(`'${word}' is none of ${ACTIONS.join(", ")}`);
  return await serve(context, args);
}
