import { readFileSync } from "node:fs";
import { isExhaustion } from "./os-error.ts";

/**
 * What the system tells of a process in a file of `/proc/PID`, one character for each byte; `undefined` for a process that is gone.
 *
 * @throws the system's error when it has nothing left to look with.
 */
export function readProcFile(pid: number | "self", name: "limits" | "stat" | "status"): string | undefined {
  try {
    return readFileSync(`/proc/${pid}/${name}`, "latin1");
  } catch (thrown) {
    if (isExhaustion(thrown)) throw thrown;
    return undefined;
  }
}
