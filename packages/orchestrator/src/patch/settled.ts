import { isLinkError } from "@holdfast/exec-client";

/** How often a change is tried: the connection may be lost once more. */
const ATTEMPTS_MAX = 5;

/** Names of errors that say nothing of the connection. */
const GIVEN_UP = new Set(["AbortError", "TimeoutError"]);

/**
 * Make a change, and find out what became of it when the connection is lost meanwhile.
 *
 * @param look - Whether it was made. It is asked over the next connection.
 * @throws What the change is refused with; LinkError - there is no connection any more.
 */
export async function settled(change: () => Promise<void>, look: () => Promise<"done" | "not-done">): Promise<void> {
  for (let attempt = 1; ; attempt += 1) {
    try {
      await change();
      return;
    } catch (error) {
      const isLost = isLinkError(error) && !GIVEN_UP.has(error.name);
      const isUnknown = isLost ? error.delivery === "unknown" : attempt > 1;
      // An earlier attempt may be made good by the executor as late as now, and be what refuses this one.
      if (isUnknown && (await look()) === "done") return;
      if (!isLost || attempt === ATTEMPTS_MAX) throw error;
    }
  }
}

/** The same for a change that is no other when it is made twice. */
export function again(change: () => Promise<void>): Promise<void> {
  return settled(change, async () => "not-done");
}
