/**
 * Keeps what is asked of one file handle in order, without waiting for answers.
 *
 * Opening and closing are turns: everything asked of the handle later waits for them. Blocks are not; an open handle keeps
 * those in order by itself.
 */
export class HandleTurns {
  readonly #pending = new Map<string, Promise<void>>();

  /** Run after the turns before it; what comes later for this handle waits for it. */
  turn<T>(handleId: string, operation: () => Promise<T>): Promise<T> {
    const result = this.after(handleId, operation);
    const settled = result.then(ignore, ignore).then(() => {
      if (this.#pending.get(handleId) === settled) this.#pending.delete(handleId);
    });
    this.#pending.set(handleId, settled);
    return result;
  }

  /** Run after the turns before it. */
  after<T>(handleId: string, operation: () => Promise<T>): Promise<T> {
    const pending = this.#pending.get(handleId);
    return pending === undefined ? operation() : pending.then(operation);
  }
}

const ignore = () => {};
