import type { Arguments } from "../command-line/arguments.ts";
import type { Context } from "../command-line/context.ts";
import { escapeCharacter } from "../exec/escape-option.ts";
import { execOptions } from "../exec/exec-options.ts";
import { runForeground } from "../exec/run-foreground.ts";
import { loginShell } from "./login-shell.ts";

/** `holdfast shell` */
export async function run(context: Context, args: Arguments): Promise<number> {
  const options = { ...execOptions(args), tty: true };
  return runForeground(context, args, {
    ...options,
    name: "shell",
    escapedBy: escapeCharacter(args),
    optionsFor: (environment) => ({
      ...options,
      argv: loginShell(environment),
      cwd: options.cwd ?? environment.userHomeDir,
    }),
  });
}
