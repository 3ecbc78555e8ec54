import { type Clock, systemClock, type Timer } from "@holdfast/rpc";

/** Tells when there was no client for long. */
export class IdleEnd {
  readonly #limitMs: number;
  readonly #clock: Clock;
  readonly #reached = Promise.withResolvers<void>();
  #timer: Timer | undefined;

  /** @param limitMs - `Infinity` for never. */
  constructor(limitMs: number, clock: Clock = systemClock) {
    this.#limitMs = limitMs;
    this.#clock = clock;
    this.clients(0);
  }

  /** Resolves when it was that long. */
  get reached(): Promise<void> {
    return this.#reached.promise;
  }

  /** There are so many clients now. */
  clients(count: number): void {
    this.#timer?.cancel();
    this.#timer = count > 0 ? undefined : this.#clock.after(this.#limitMs, this.#reached.resolve);
  }
}
