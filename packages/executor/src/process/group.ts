/**
 * Signal a whole process group. A group that is gone already is no error: the caller wanted it gone.
 *
 * @param pid - Id of the group's leader, which is started in a session of its own.
 * @param leader - `unreaped`: its status was not collected, so the id is still its own. It is then signalled by itself
 *   where the group does not exist yet: a fork behind a terminal makes its group a moment later.
 * @returns whether anyone took it.
 */
export function signalGroup(pid: number, signal: NodeJS.Signals, leader: "unreaped" | "reaped"): boolean {
  return trySignal(-pid, signal) || (leader === "unreaped" && trySignal(pid, signal));
}

/** False when it is empty, or has only members that changed user and are out of reach. */
export function trySignal(target: number, signal: NodeJS.Signals): boolean {
  try {
    return process.kill(target, signal);
  } catch {
    return false;
  }
}
