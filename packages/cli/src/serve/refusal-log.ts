import type { Log } from "@holdfast/executor";
import { type Clock, systemClock } from "@holdfast/rpc";

/** Whoever is refused may come again at once: more lines than this would be a way to fill a disk. */
const LINES_PER_SPAN = 10;
const SPAN_MS = 60_000;

/** Tells of refused connections, some of them in words and the rest by their number. */
export class RefusalLog {
  readonly #log: Pick<Log, "warn">;
  readonly #clock: Clock;
  #lines = 0;
  #untold = 0;

  constructor(log: Pick<Log, "warn">, clock: Clock = systemClock) {
    this.#log = log;
    this.#clock = clock;
  }

  refused(peerName: string, status: number, reason: string): void {
    if (this.#lines === 0) this.#clock.after(SPAN_MS, () => this.#endSpan());
    if (this.#lines >= LINES_PER_SPAN) {
      this.#untold += 1;
      return;
    }
    this.#lines += 1;
    this.#log.warn("connection refused", { peer: peerName, status, reason: reason === "" ? undefined : reason });
  }

  #endSpan(): void {
    if (this.#untold > 0) this.#log.warn("more connections refused within a minute", { count: this.#untold });
    this.#lines = 0;
    this.#untold = 0;
  }
}
