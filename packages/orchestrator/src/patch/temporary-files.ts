import { displayPath, join, type PathUri, parent } from "@holdfast/path-uri";
import { forEachAtOnce } from "../for-each-at-once.ts";
import { CALLS_AT_ONCE, COMMIT_TIMEOUT_MS } from "./limits.ts";
import { callOptions, isNothingThere, type PatchPlace, reasonOf } from "./patch-call.ts";
import type { PatchRemains } from "./patch-error.ts";
import { again } from "./settled.ts";

/** Files beside those of a patch, while it is put in place. */
export class TemporaryFiles {
  readonly #place: PatchPlace;
  readonly #paths = new Set<PathUri>();

  constructor(place: PatchPlace) {
    this.#place = place;
  }

  /** A new name in the folder of a file. From now on there may be something. */
  beside(path: PathUri): PathUri {
    const name = join(parent(path) ?? path, `.holdfast-patch-${crypto.randomUUID()}`);
    this.#paths.add(name);
    return name;
  }

  /** It has another name by now. */
  forget(path: PathUri): void {
    this.#paths.delete(path);
  }

  async remove(path: PathUri): Promise<void> {
    const options = { ...callOptions(this.#place, COMMIT_TIMEOUT_MS), force: true };
    await again(() => this.#place.fs.remove(path, options)).catch((error: unknown) => {
      if (!isNothingThere(error)) throw error;
    });
    this.#paths.delete(path);
  }

  /** Remove some, or all. @returns those that could not be. */
  async removeAll(paths: readonly PathUri[] = [...this.#paths]): Promise<PatchRemains[]> {
    const remains: PatchRemains[] = [];
    const left = paths.filter((path) => this.#paths.has(path));
    await forEachAtOnce(left, CALLS_AT_ONCE, async (path) => {
      await this.remove(path).catch((error: unknown) => {
        remains.push({ path: displayPath(path), state: "temporary", reason: reasonOf(error) });
      });
    });
    return remains;
  }
}
