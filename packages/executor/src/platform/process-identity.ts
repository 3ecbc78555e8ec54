import { isExhaustion } from "./os-error.ts";
import { procStatOf } from "./proc-stat.ts";

/** Tells a process from every other one on this machine, also from later ones with its id. `undefined`: there is none. */
export function processIdentity(pid: number): string | undefined {
  return identityOf(pid, "alive");
}

/** The same for one that is dead and not collected by its parent. */
export function deadIdentity(pid: number): string | undefined {
  return identityOf(pid, "dead");
}

/** Has the process with this identity ended? False where that can't be seen because no descriptor is left to look with. */
export function isGone(identity: string): boolean {
  const pid = identity.slice(0, identity.indexOf("."));
  try {
    const { isDead = true, startTime } = procStatOf(Number(pid)) ?? {};
    return isDead || `${pid}.${startTime}` !== identity;
  } catch (thrown) {
    return !isExhaustion(thrown);
  }
}

function identityOf(pid: number, wanted: "alive" | "dead"): string | undefined {
  try {
    const { isDead, startTime } = procStatOf(pid) ?? {};
    return startTime === undefined || isDead !== (wanted === "dead") ? undefined : `${pid}.${startTime}`;
  } catch {
    return undefined;
  }
}
