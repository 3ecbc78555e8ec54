import { runProgram } from "./program.ts";
import * as command from "./serve/command.ts";
import { SERVE_COMMAND } from "./serve/spec.ts";

/** The same as `main` of `main.ts`, for arguments that begin with `serve`. */
export async function main(): Promise<void> {
  await runProgram({ serve: { ...SERVE_COMMAND, load: async () => command } });
}
