import type { Environment, StartOptions } from "@holdfast/exec-client";
import type { PathUri } from "@holdfast/path-uri";
import type { Context } from "../command-line/context.ts";
import { remotePath } from "../executor/remote-path.ts";
import type { CommandInput } from "./command-input.ts";
import type { ExecOptions } from "./exec-options.ts";
import { terminalVariables } from "./terminal-variables.ts";

/** What to ask of the executor. @throws UsageError `--cwd` is no path of its system. */
export function startOptions(
  environment: Environment,
  input: Pick<CommandInput, "start">,
  options: ExecOptions,
  context: Pick<Context, "env">,
): StartOptions & { readonly cwd: PathUri | undefined } {
  const cwd = options.cwd === undefined ? undefined : remotePath(options.cwd, environment, "--cwd");
  const env = options.tty ? { ...terminalVariables(context), ...options.env } : options.env;
  return { ...input.start(options.argv), cwd, env, sandbox: options.sandbox };
}
