import type { Thread } from "../../agent/threads/thread.ts";

/** Keeps what changes the settings of a thread in the order in which it was asked for, also where one has to be looked up first. */
export class PendingChanges {
  readonly #last = new WeakMap<Thread, Promise<unknown>>();

  /** Go on with a change when it is there, and those before it are through: at once, where nothing has to be waited for. */
  after<Change, Result>(
    thread: Thread,
    change: Change | Promise<Change>,
    goOn: (change: Change) => Result,
  ): Result | Promise<Result> {
    const before = this.#last.get(thread);
    if (before === undefined && !(change instanceof Promise)) return goOn(change);
    const run = async (): Promise<Result> => {
      // Its failure is told to who asked for it.
      await before?.catch(() => {});
      return goOn(await change);
    };
    const running = run();
    const settled = running
      .catch(() => {})
      .then(() => {
        if (this.#last.get(thread) === settled) this.#last.delete(thread);
      });
    this.#last.set(thread, settled);
    // Handled by `running`, also where it fails while those before it are waited for.
    if (change instanceof Promise) change.catch(() => {});
    return running;
  }
}
