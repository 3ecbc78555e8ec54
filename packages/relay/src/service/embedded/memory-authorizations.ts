import type { Authorization, Authorizations } from "../ports.ts";
import type { ServiceClock } from "../service-clock.ts";

interface Kept {
  readonly authorization: Authorization;
  /** Milliseconds of the clock that only grows: setting the time of day makes none live longer. */
  readonly deadline: number;
}

/** Authorizations of one process. Those of a relay that was restarted are gone: a harness asks for another one. */
export class MemoryAuthorizations implements Authorizations {
  readonly #clock: ServiceClock;
  readonly #max: number;
  /** The oldest are first. */
  readonly #kept = new Map<string, Kept>();

  constructor(max: number, clock: ServiceClock) {
    this.#max = max;
    this.#clock = clock;
  }

  get size(): number {
    return this.#kept.size;
  }

  async issue(digest: string, authorization: Authorization): Promise<void> {
    const now = this.#clock.now();
    this.#kept.set(digest, { authorization, deadline: now + (authorization.expiresAt - this.#clock.wallNow()) });
    for (const [oldest, { deadline }] of this.#kept) {
      if (deadline > now && this.#kept.size <= this.#max) return;
      this.#kept.delete(oldest);
    }
  }

  async consume(digest: string): Promise<Authorization | undefined> {
    const kept = this.#kept.get(digest);
    this.#kept.delete(digest);
    return kept === undefined || this.#clock.now() >= kept.deadline ? undefined : kept.authorization;
  }
}
