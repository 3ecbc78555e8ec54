import { type Clock, systemClock } from "@holdfast/rpc";
import { collect, isAwaited } from "./child-reaper.ts";
import { childrenOf } from "./process-children.ts";
import { deadIdentity } from "./process-identity.ts";

/** How long a dead child stays for the code that started it. Those who wait for one take its status at once. */
const LOOK_AFTER_MS = 1_000;

/**
 * Collect the dead that became children of this process because their parents are gone, as the first process of a container has to:
 * no other process does, and each keeps an id and a place in the system's table.
 *
 * A dead child is taken for an orphan when it was there at two looks, a second and a turn of the event loop apart: in between all code
 * of this process that started a child has seen its end. Linux only; elsewhere and on a second call nothing happens.
 */
export function reapOrphans(delay: Pick<Clock, "after"> = systemClock): void {
  if (isReaping || process.platform !== "linux") return;
  isReaping = true;
  process.on("SIGCHLD", () => lookSoon(delay));
}

let isReaping = false;
let isLookDue = false;
let seen: ReadonlySet<string> = new Set();

function lookSoon(delay: Pick<Clock, "after">): void {
  if (isLookDue) return;
  isLookDue = true;
  // From a timer alone the end of a child could be waiting to be read, behind it in the same turn.
  delay.after(LOOK_AFTER_MS, () => setImmediate(look, delay));
}

function look(delay: Pick<Clock, "after">): void {
  isLookDue = false;
  const dead = deadChildren();
  const left = dead.filter(({ pid, identity }) => !seen.has(identity) || !collect(pid));
  seen = new Set(left.map(({ identity }) => identity));
  if (left.length > 0) lookSoon(delay);
}

interface DeadChild {
  readonly pid: number;
  readonly identity: string;
}

function deadChildren(): readonly DeadChild[] {
  return childrenOf(process.pid).flatMap((pid) => {
    const identity = isAwaited(pid) ? undefined : deadIdentity(pid);
    return identity === undefined ? [] : [{ pid, identity }];
  });
}
