import { OFFER_LIMITS } from "./limits.ts";

const { reconnectWaitsMs, settledAfterMs } = OFFER_LIMITS;

/** How long to wait before the socket is opened once more. */
export class ReconnectWaits {
  readonly #random: () => number;
  #failures = 0;

  constructor(random: () => number) {
    this.#random = random;
  }

  /** Milliseconds; each is drawn from the upper half of its base, so that executors of a relay that restarts do not come all at once. */
  next(): number {
    const baseMs = reconnectWaitsMs[Math.min(this.#failures, reconnectWaitsMs.length - 1)] ?? 0;
    this.#failures += 1;
    return baseMs / 2 + (baseMs / 2) * this.#random();
  }

  /** A socket that was open is gone. Only one that lived for long shows that things are well again. */
  lived(lifetimeMs: number): void {
    if (lifetimeMs >= settledAfterMs) this.#failures = 0;
  }
}
