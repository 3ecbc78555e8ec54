import type { Clock } from "@holdfast/rpc";
import type { Maybe } from "../maybe.ts";
import type { ManagedProcess } from "./managed-process.ts";

/** How often a program that is being confined is looked for. */
const LOOK_EVERY_MS = 1;
/** Far longer than confining takes. */
const PATIENCE_MS = 5_000;

/** The id of a program that was just started, once what confines it has started it; undefined when it ends before. */
export function commandPidOf(process: ManagedProcess, delay: Pick<Clock, "after">): Maybe<number | undefined> {
  const pid = process.commandPid;
  if (pid !== undefined || process.state.kind !== "running") return pid;
  return new Promise((resolve) => {
    let looks = PATIENCE_MS / LOOK_EVERY_MS;
    const look = (): void => {
      const found = process.commandPid;
      looks -= 1;
      if (found !== undefined || process.state.kind !== "running" || looks <= 0) resolve(found);
      else delay.after(LOOK_EVERY_MS, look);
    };
    delay.after(LOOK_EVERY_MS, look);
  });
}
