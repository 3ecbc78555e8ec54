import { procStatOf } from "../platform/proc-stat.ts";

const UNKNOWN_START = "0";
/** Dead, but not collected by its parent. */
const ENDED = "ended";

/** When a process was started, as the kernel counts it; `0` where it does not tell. With the id it names one process. */
export function startTimeOf(pid: number): string {
  try {
    const { isDead = false, startTime = UNKNOWN_START } = procStatOf(pid) ?? {};
    return isDead ? ENDED : startTime;
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
