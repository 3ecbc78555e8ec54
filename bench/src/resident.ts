import { readFileSync } from "node:fs";
import { Unsupported } from "./row.ts";

/**
 * Memory that a process has in use, in MiB.
 *
 * @throws Unsupported where the system does not tell in `/proc`.
 */
export function residentMib(pid: number): number {
  let status: string;
  try {
    status = readFileSync(`/proc/${pid}/status`, "latin1");
  } catch (cause) {
    throw new Unsupported("no /proc here", { cause });
  }
  return Number(/^VmRSS:\s+(\d+) kB$/m.exec(status)?.[1]) / 1_024;
}
