import { setTimeout as sleep } from "node:timers/promises";
import { residentMib } from "./resident.ts";
import type { RowContext } from "./row.ts";

/** A program that prints without end. */
export const FLOOD = ["cat", "/dev/zero"];
/** How long a peer's memory is watched. */
const WATCH_MS = 4_000;

/** The most memory that the executor has while `during` goes on. */
export async function peakMib({ target, smoke }: RowContext, during: () => void = () => {}): Promise<number> {
  let peak = 0;
  const end = performance.now() + (smoke ? 200 : WATCH_MS);
  while (performance.now() < end) {
    during();
    peak = Math.max(peak, residentMib(target.pid));
    await sleep(50);
  }
  return peak;
}
