import { readFileSync } from "node:fs";
import type { Clock } from "@holdfast/rpc";
import { childrenOf, threadsOf } from "../platform/process-children.ts";

/** A bomb doubles in a few milliseconds, and soon leaves no time for looking. */
const PAUSE_MS = 8;
/** Counting takes long; without a sign of growth it is done once in so many looks. */
const LOOKS_PER_COUNT = 16;

/** Ends the watch. */
export type StopWatching = () => void;

/**
 * Call `exceeded` once when a process has more than `max` processes and threads below it: those of a wrapper are all that its
 * sandbox holds, because a sandbox's process 1 inherits whoever lost their parent.
 *
 * A limit of the system's own would count every process of the user, and does not bind the superuser at all. A look is cheap:
 * it asks the system how many threads there are, and counts only when that has grown by enough.
 */
export function watchProcessCount(
  pid: number,
  max: number,
  delay: Pick<Clock, "after">,
  exceeded: () => void,
): StopWatching {
  let lowest = threadsInSystem();
  let looks = 0;
  let timer = delay.after(PAUSE_MS, look);
  function look(): void {
    looks += 1;
    const total = threadsInSystem();
    lowest = Math.min(lowest, total);
    const isDue = total - lowest > max / 2 || looks % LOOKS_PER_COUNT === 0;
    if (isDue && countDescendants(pid, max) > max) exceeded();
    else timer = delay.after(PAUSE_MS, look);
  }
  return () => timer.cancel();
}

/** `load load load RUNNING/ALL lastpid`. 0 where it can't be told: then only the regular count helps. */
function threadsInSystem(): number {
  try {
    const [, all = "0"] = /\/(\d+) /.exec(readFileSync("/proc/loadavg", "latin1")) ?? [];
    return Number(all);
  } catch {
    return 0;
  }
}

/** Processes and threads below a process. Looks no further than one above `max`. */
export function countDescendants(pid: number, max: number): number {
  const waiting = [...childrenOf(pid)];
  let count = 0;
  for (let next = waiting.pop(); next !== undefined && count <= max; next = waiting.pop()) {
    count += threadsOf(next).length;
    waiting.push(...childrenOf(next));
  }
  return count;
}
