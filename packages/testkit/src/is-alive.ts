import { readFileSync } from "node:fs";

/** Whether a process runs. One that has ended and was not collected by its parent still takes signals, and counts as gone (on Linux). */
export function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return process.platform !== "linux" || !/\) [ZX] /.test(readFileSync(`/proc/${pid}/stat`, "latin1"));
  } catch {
    return false;
  }
}
