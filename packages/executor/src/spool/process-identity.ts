import { readFileSync } from "node:fs";

/** Field 22 of `/proc/PID/stat`, counted from the field after the name. */
const START_FIELD = 19;
const UNKNOWN_START = "0";
/** Dead, but not collected by its parent. */
const ENDED = "ended";

/** When a process was started, as the kernel counts it; `0` where it does not tell. With the id it names one process. */
export function startTimeOf(pid: number): string {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, "latin1");
    const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
    return fields[0] === "Z" || fields[0] === "X" ? ENDED : (fields[START_FIELD] ?? UNKNOWN_START);
  } catch {
    return UNKNOWN_START;
  }
}

/** False only when it is certain that this very process is gone. */
export function mayBeAlive(pid: number, startTime: string): boolean {
  try {
    process.kill(pid, 0);
  } catch (error) {
    if (error instanceof Error && "code" in error && error.code === "ESRCH") return false;
  }
  const now = startTimeOf(pid);
  return now === UNKNOWN_START || startTime === UNKNOWN_START || now === startTime;
}
