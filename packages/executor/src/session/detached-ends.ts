import type { Clock, Timer } from "@holdfast/rpc";
import { endProcess, type ManagedProcess } from "../process/index.ts";

/** Since when nobody holds a session, and for how long at least that is to count for nothing. */
interface Detached {
  readonly sinceMs: number;
  readonly leastMs: number;
}

/** Ends processes that must not live as long as their session while nobody holds it. */
export class DetachedEnds {
  readonly #clock: Clock;
  #timers: readonly Timer[] = [];

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** Nobody holds them from then on. */
  begin(processes: readonly ManagedProcess[], { sinceMs, leastMs }: Detached): void {
    this.cancel();
    this.#timers = processes.flatMap((process) => {
      const { maxDetachedMs } = process.facts;
      if (maxDetachedMs === undefined) return [];
      const endMs = sinceMs + Math.max(maxDetachedMs, leastMs);
      return [this.#clock.after(Math.max(0, endMs - this.#clock.now()), () => void this.#end(process))];
    });
  }

  /** Somebody does, or they end anyway. */
  cancel(): void {
    for (const timer of this.#timers) timer.cancel();
    this.#timers = [];
  }

  /** Also one that is still being started, and what one left that has ended. */
  async #end(process: ManagedProcess): Promise<void> {
    await process.whenStarted();
    await endProcess(process, { graceMs: 0, clock: this.#clock });
  }
}
