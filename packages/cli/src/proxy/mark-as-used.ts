import { utimesSync } from "node:fs";
import { type Clock, systemClock } from "@holdfast/rpc";

/** Between two marks. A program goes that was not used for two weeks. */
const INTERVAL_MS = 86_400_000;

/** Keep a program that was put here from being taken away as one that nobody uses, until the disposal. */
export function markAsUsed(folder: string, clock: Clock = systemClock): Disposable {
  mark(folder);
  let timer = clock.after(INTERVAL_MS, again);
  function again(): void {
    mark(folder);
    timer = clock.after(INTERVAL_MS, again);
  }
  return { [Symbol.dispose]: () => timer.cancel() };
}

function mark(folder: string): void {
  const now = new Date();
  try {
    utimesSync(folder, now, now);
  } catch {
    // On a file system that can only be read, from where nobody takes it away.
  }
}
