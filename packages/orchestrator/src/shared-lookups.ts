/** A look-up that runs, and the one after it where somebody waits for it. */
interface Lookup<Value> {
  /** Never rejects. */
  readonly over: Promise<void>;
  next: Promise<Value> | undefined;
}

/**
 * Look-ups that many make at once, as turns of many threads in one folder. One that has begun is joined by nobody, because what it has found may be older than the question: those that ask
 * meanwhile share the next one. Of each thing one runs at a time.
 */
export class SharedLookups<Value> {
  readonly #running = new Map<string, Lookup<Value>>();

  /** What `look` finds, begun after this call. @throws What it throws, for all that share it. */
  find(key: string, look: () => Promise<Value>): Promise<Value> {
    const running = this.#running.get(key);
    if (running === undefined) return this.#begin(key, look);
    running.next ??= running.over.then(() => this.#begin(key, look));
    return running.next;
  }

  #begin(key: string, look: () => Promise<Value>): Promise<Value> {
    const found = look();
    const over = found.then(nothing, nothing).then(() => {
      if (lookup.next === undefined) this.#running.delete(key);
    });
    const lookup: Lookup<Value> = { over, next: undefined };
    this.#running.set(key, lookup);
    return found;
  }
}

function nothing(): void {}
