import { type Machine, probeMachine } from "../../src/index.ts";

/** This machine, for tests that start commands for real; `undefined`, with the reason printed, where it has no sandbox. */
export async function thisMachine(): Promise<Machine | undefined> {
  const machine = await probeMachine({ env: process.env, cwd: "/" });
  if (machine.means.kind === "linux") return machine;
  const reason = machine.means.kind === "unavailable" ? machine.means.reason : `the sandbox of ${machine.means.kind}`;
  process.stderr.write(`skipped: ${reason}\n`);
  return undefined;
}
