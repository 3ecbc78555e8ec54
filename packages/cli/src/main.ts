import { COMMANDS } from "./commands.ts";
import { runProgram } from "./program.ts";

/** Run the program with the arguments of this process, and end the process with its exit code. */
export async function main(): Promise<void> {
  await runProgram(COMMANDS);
}
