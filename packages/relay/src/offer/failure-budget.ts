import { RELAY_LIMITS } from "@holdfast/relay-protocol";
import type { Clock } from "@holdfast/rpc";

const { maxFailedHandshakes, handshakePauseMs } = RELAY_LIMITS;

/** Failed handshakes of one socket. So many of them, and there is a pause, in which none is looked at; live streams go on. */
export class FailureBudget {
  readonly #clock: Clock;
  readonly #onPause: () => void;
  #failures = 0;
  #pausedUntil = Number.NEGATIVE_INFINITY;

  constructor(clock: Clock, onPause: () => void) {
    this.#clock = clock;
    this.#onPause = onPause;
  }

  get isPaused(): boolean {
    return this.#clock.now() < this.#pausedUntil;
  }

  /** One more. Those during a pause are of handshakes from before it. */
  count(): void {
    if (this.isPaused) return;
    this.#failures += 1;
    if (this.#failures < maxFailedHandshakes) return;
    this.#failures = 0;
    this.#pausedUntil = this.#clock.now() + handshakePauseMs;
    this.#onPause();
  }
}
