import type { Arguments } from "../command-line/arguments.ts";
import type { Context } from "../command-line/context.ts";
import { escapeCharacter } from "./escape-option.ts";
import { execOptions } from "./exec-options.ts";
import { runForeground } from "./run-foreground.ts";

/** `holdfast exec` */
export async function run(context: Context, args: Arguments): Promise<number> {
  const options = execOptions(args);
  const escapedBy = escapeCharacter(args);
  if (options.isDetached) return (await import("./detach.ts")).detach(context, args, options);
  return runForeground(context, args, { ...options, name: "exec", escapedBy, optionsFor: () => options });
}
