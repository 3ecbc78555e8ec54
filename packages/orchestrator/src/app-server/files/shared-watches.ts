import type { Executor } from "@holdfast/exec-client";
import { type ChangeListener, WatchedPath } from "./watched-path.ts";

interface SharedWatch {
  readonly executor: Executor;
  readonly listeners: Set<ChangeListener>;
  readonly watched: WatchedPath;
  readonly begun: Promise<void>;
}

/** Watches of paths, one for all who listen to the same: an executor has a bounded number of them. */
export class SharedWatches {
  readonly #byPath = new Map<string, SharedWatch>();
  readonly #ending = new Set<Promise<void>>();
  readonly #onFailure: (path: string, error: unknown) => void;

  /** @param onFailure - A path can not be watched any more. */
  constructor(onFailure: (path: string, error: unknown) => void) {
    this.#onFailure = onFailure;
  }

  /**
   * Listen to a path.
   *
   * @returns what ends that; resolved when every change from now on is told.
   * @throws What the executor says.
   */
  async listen(executor: Executor, path: string, listener: ChangeListener): Promise<Disposable> {
    const known = this.#byPath.get(path);
    const shared = known?.executor === executor ? known : this.#begin(executor, path);
    shared.listeners.add(listener);
    const end = (): void => {
      shared.listeners.delete(listener);
      if (shared.listeners.size === 0) this.#end(path, shared);
    };
    try {
      await shared.begun;
    } catch (error) {
      end();
      throw error;
    }
    return { [Symbol.dispose]: end };
  }

  /** Resolves when what has ended is gone. */
  async settled(): Promise<void> {
    await Promise.all(this.#ending);
  }

  #begin(executor: Executor, path: string): SharedWatch {
    const listeners = new Set<ChangeListener>();
    const changes: ChangeListener = {
      add: (...paths) => {
        for (const listener of listeners) listener.add(...paths);
      },
      addAll: () => {
        for (const listener of listeners) listener.addAll();
      },
    };
    const onFailure = (error: unknown): void => {
      // Who comes next begins anew.
      if (this.#byPath.get(path) === shared) this.#byPath.delete(path);
      this.#onFailure(path, error);
    };
    const watched = new WatchedPath({ executor, path, changes, onFailure });
    const shared: SharedWatch = { executor, listeners, watched, begun: watched.begin() };
    this.#byPath.set(path, shared);
    return shared;
  }

  #end(path: string, shared: SharedWatch): void {
    if (this.#byPath.get(path) === shared) this.#byPath.delete(path);
    const ended = shared.watched[Symbol.asyncDispose]().finally(() => this.#ending.delete(ended));
    this.#ending.add(ended);
  }
}
