import { type Executor, type FileWatch, isFileError } from "@holdfast/exec-client";
import { displayPath, type PathUri } from "@holdfast/path-uri";
import { WatchedPath } from "../files/watched-path.ts";
import { SKILL_WATCHES_MAX } from "./limits.ts";

/**
 * Watches folders of skills, whether they are there or not, until something in one of them changes: then all watches end, because whoever is told looks anew, and what is found is
 * watched again.
 */
export class SkillWatches {
  readonly #onChange: () => void;
  readonly #watches = new Map<PathUri, FileWatch | WatchedPath>();
  readonly #ending = new Set<Promise<void>>();
  #isClosed = false;

  constructor(onChange: () => void) {
    this.#onChange = onChange;
  }

  /** Watch these as well. What can not be watched is left out. Never rejects. */
  async follow(executor: Executor, roots: readonly PathUri[]): Promise<void> {
    await Promise.all(roots.map((root) => this.#begin(executor, root)));
  }

  /** Watch nothing any more. Never rejects. */
  async close(): Promise<void> {
    this.#isClosed = true;
    this.#end();
    await Promise.all(this.#ending);
  }

  async #begin(executor: Executor, root: PathUri): Promise<void> {
    if (this.#isClosed || this.#watches.has(root) || this.#watches.size >= SKILL_WATCHES_MAX) return;
    const watch = executor.fs.watch(root, { recursive: true });
    this.#watches.set(root, watch);
    try {
      await watch.ready;
    } catch (error) {
      await watch.close();
      if (this.#watches.get(root) !== watch) return;
      this.#watches.delete(root);
      if (isFileError(error)) await this.#await(executor, root);
      return;
    }
    if (this.#watches.get(root) === watch) void this.#first(root, watch).catch(() => {});
  }

  /** There is nothing yet. */
  async #await(executor: Executor, root: PathUri): Promise<void> {
    const changed = (): void => this.#changed(root, watched);
    const watched: WatchedPath = new WatchedPath({
      executor,
      path: displayPath(root),
      changes: { add: changed, addAll: changed },
      onFailure: () => this.#watches.delete(root),
    });
    this.#watches.set(root, watched);
    try {
      await watched.begin();
    } catch {
      this.#watches.delete(root);
    }
  }

  async #first(root: PathUri, watch: FileWatch): Promise<void> {
    const { done } = await watch.next();
    if (done !== true) this.#changed(root, watch);
  }

  #changed(root: PathUri, watch: FileWatch | WatchedPath): void {
    if (this.#isClosed || this.#watches.get(root) !== watch) return;
    this.#end();
    this.#onChange();
  }

  #end(): void {
    const watches = [...this.#watches.values()];
    this.#watches.clear();
    for (const watch of watches) {
      const ended = Promise.resolve(watch[Symbol.asyncDispose]())
        .catch(() => {})
        .then(() => void this.#ending.delete(ended));
      this.#ending.add(ended);
    }
  }
}
