import { readFileSync } from "node:fs";

/** Fields of `/proc/PID/stat` after the name, from 0. */
const [STATE, START_TIME] = [0, 19];
const DEAD_STATES = ["Z", "X"];

/** Tells a process from every other one on this machine, also from later ones with its id. `undefined`: there is none. */
export function processIdentity(pid: number): string | undefined {
  return identityOf(pid, "alive");
}

/** The same for one that is dead and not collected by its parent. */
export function deadIdentity(pid: number): string | undefined {
  return identityOf(pid, "dead");
}

function identityOf(pid: number, wanted: "alive" | "dead"): string | undefined {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, "latin1");
    const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
    const state = DEAD_STATES.includes(fields[STATE] ?? "") ? "dead" : "alive";
    const started = fields[START_TIME];
    return started === undefined || state !== wanted ? undefined : `${pid}.${started}`;
  } catch {
    return undefined;
  }
}
