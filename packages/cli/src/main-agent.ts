import { AGENT_EXEC_COMMAND } from "./agent/exec-spec.ts";
import { runProgram } from "./program.ts";

/** The program `holdfast-agent`, which is started in the place of `codex`. */
export async function main(): Promise<void> {
  await runProgram({ exec: AGENT_EXEC_COMMAND });
}
