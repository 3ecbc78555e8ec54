import { spawnSync } from "node:child_process";

/** Whether this machine has the program and it ends well with these words. */
export function canRun([program = "", ...words]: readonly string[]): boolean {
  return spawnSync(program, words, { stdio: "ignore" }).status === 0;
}
