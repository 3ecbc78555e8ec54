import * as command from "./exec/command.ts";
import { EXEC_COMMAND } from "./exec/spec.ts";
import { runProgram } from "./program.ts";

/** The same as `main` of `main.ts`, for arguments that begin with `exec`: what that needs is here at once, and nothing else. */
export async function main(): Promise<void> {
  await runProgram({ exec: { ...EXEC_COMMAND, load: async () => command } });
}
