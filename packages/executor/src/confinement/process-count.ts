import { readFileSync } from "node:fs";
import type { Clock } from "@holdfast/rpc";
import { childrenOf, threadsOf } from "../platform/process-children.ts";

type Delay = Pick<Clock, "after">;

/** A bomb doubles in a few milliseconds, and soon leaves no time for looking. */
const PAUSE_MS = 8;
/** Counting takes long; without a sign of growth each is counted once in so many looks. */
const LOOKS_PER_COUNT = 128;
/** The same where there is no sign to look for. */
const BLIND_LOOKS_PER_COUNT = 16;

/** Ends the watch. */
export type StopWatching = () => void;

interface Watched {
  readonly pid: number;
  readonly max: number;
  readonly exceeded: () => void;
  /** Fewest threads that the system had since the last count. */
  lowest: number;
  looks: number;
}

/** One look for all that is watched: idle sandboxes, however many, cost next to nothing. */
class ProcessCounts {
  readonly #delay: Delay;
  readonly #watched = new Set<Watched>();
  #timer: { cancel(): void } | undefined;

  constructor(delay: Delay) {
    this.#delay = delay;
  }

  add(watched: Watched): StopWatching {
    this.#watched.add(watched);
    this.#timer ??= this.#later();
    return () => {
      this.#watched.delete(watched);
      if (this.#watched.size > 0) return;
      this.#timer?.cancel();
      this.#timer = undefined;
    };
  }

  #later(): { cancel(): void } {
    return this.#delay.after(PAUSE_MS, () => this.#look());
  }

  #look(): void {
    const total = threadsInSystem();
    for (const each of [...this.#watched]) {
      if (!isDue(each, total) || countDescendants(each.pid, each.max) <= each.max) continue;
      this.#watched.delete(each);
      each.exceeded();
    }
    this.#timer = this.#watched.size > 0 ? this.#later() : undefined;
  }
}

const countsOf = new WeakMap<Delay, ProcessCounts>();

/**
 * Call `exceeded` once when a process has more than `max` processes and threads below it: those of a wrapper are all that its
 * sandbox holds, because a sandbox's process 1 inherits every process that lost its parent.
 *
 * A limit of the system's own would count every process of the user, and does not bind the superuser at all. A look is cheap:
 * it asks the system how many threads there are, and counts only when that has grown by enough.
 */
export function watchProcessCount(pid: number, max: number, delay: Delay, exceeded: () => void): StopWatching {
  const counts = countsOf.get(delay) ?? new ProcessCounts(delay);
  countsOf.set(delay, counts);
  return counts.add({ pid, max, exceeded, lowest: threadsInSystem(), looks: 0 });
}

function isDue(watched: Watched, total: number): boolean {
  watched.looks += 1;
  watched.lowest = Math.min(watched.lowest, total);
  const isGrown = total - watched.lowest > watched.max / 2;
  const isTime = watched.looks % (total === 0 ? BLIND_LOOKS_PER_COUNT : LOOKS_PER_COUNT) === 0;
  return isGrown || isTime;
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
