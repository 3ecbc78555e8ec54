/** Milliseconds of one turn of the event loop that starts may take. */
const TURN_BUDGET_MS = 4;

type Job = () => void;

/**
 * Spreads starts over the turns of the event loop.
 *
 * Starting a child blocks for a fraction of a millisecond. A client that sends ten thousand starts at once would hold up
 * everything else for seconds, and would fill the table of descriptors with children that have long ended. So each turn
 * gives starts a few milliseconds, and takes from the waiting owners one after the other.
 */
export class SpawnScheduler {
  readonly #waiting = new Map<object, Job[]>();
  #turn: { spentMs: number } | undefined;

  /** Run now while the turn has time and nothing is queued, else in a later turn, in order for each owner. */
  run<T>(owner: object, start: () => T | Promise<T>): T | Promise<T> {
    if (this.#waiting.size === 0 && this.#hasTime()) return this.#timed(start);
    return new Promise<T>((resolve, reject) => {
      const job = () => {
        try {
          resolve(this.#timed(start));
        } catch (error) {
          reject(error);
        }
      };
      const jobs = this.#waiting.get(owner);
      if (jobs === undefined) this.#waiting.set(owner, [job]);
      else jobs.push(job);
    });
  }

  #hasTime(): boolean {
    return (this.#turn?.spentMs ?? 0) < TURN_BUDGET_MS;
  }

  #timed<T>(start: () => T): T {
    if (this.#turn === undefined) {
      this.#turn = { spentMs: 0 };
      setImmediate(() => this.#nextTurn());
    }
    const turn = this.#turn;
    const begin = performance.now();
    try {
      return start();
    } finally {
      turn.spentMs += performance.now() - begin;
    }
  }

  #nextTurn(): void {
    this.#turn = undefined;
    while (this.#waiting.size > 0 && this.#hasTime()) {
      for (const [owner, jobs] of [...this.#waiting]) {
        if (!this.#hasTime()) return;
        jobs.shift()?.();
        // Behind the others, so that many starts of one do not keep another's only one waiting.
        this.#waiting.delete(owner);
        if (jobs.length > 0) this.#waiting.set(owner, jobs);
      }
    }
  }
}
