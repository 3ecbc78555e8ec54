import { setTimeout as sleep } from "node:timers/promises";

/** Part of a soak's plan: time that passes on purpose, not a wait for something to happen. */
export async function pause(ms: number): Promise<void> {
  await sleep(ms);
}
