/**
 * Keeps operations in the order in which they were asked for, as far as they could see each other.
 *
 * A change waits for everything before it; an observation waits only for the changes before it, so that observations
 * run side by side. To the caller it is as if all ran one after the other. What waits for nothing begins at once.
 */
export class OperationOrder {
  /** Settles when every change asked for so far is done; absent when none is pending. */
  #changes: Promise<unknown> | undefined;
  readonly #observations = new Set<Promise<unknown>>();

  observe<T>(operation: () => Promise<T>): Promise<T> {
    const run = this.#changes === undefined ? operation() : this.#changes.then(operation);
    const settled = run.then(ignore, ignore).then(() => void this.#observations.delete(settled));
    this.#observations.add(settled);
    return run;
  }

  change<T>(operation: () => Promise<T>): Promise<T> {
    const earlier = this.#earlier();
    const run = earlier === undefined ? operation() : earlier.then(operation);
    const settled = run.then(ignore, ignore).then(() => {
      if (this.#changes === settled) this.#changes = undefined;
    });
    this.#changes = settled;
    return run;
  }

  #earlier(): Promise<unknown> | undefined {
    if (this.#observations.size === 0) return this.#changes;
    return Promise.all([...this.#observations, this.#changes]);
  }
}

function ignore() {}
