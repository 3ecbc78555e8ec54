import { readFileSync } from "node:fs";

/** Fields of `/proc/PID/stat` after the name, from 0. */
const START_TIME = 19;

/** Tells a process from every other one on this machine, also from later ones with its id. `undefined`: there is none. */
export function processIdentity(pid: number): string | undefined {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, "latin1");
    const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
    const started = fields[START_TIME];
    return started === undefined || fields[0] === "Z" || fields[0] === "X" ? undefined : `${pid}.${started}`;
  } catch {
    return undefined;
  }
}
