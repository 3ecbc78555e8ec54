import { displayPath, type PathUri } from "@holdfast/path-uri";
import { reasonOf } from "./patch-call.ts";
import type { PatchRemains } from "./patch-error.ts";

/** @returns what is not as it was before; undefined: it is. */
type Undo = () => Promise<PatchRemains | undefined>;

/** What has to be done so that everything is as before. */
export class UndoList {
  /** Newest last. */
  readonly #steps: { readonly path: PathUri; readonly undo: Undo }[] = [];

  /** Before the change that it undoes, which may be made without our knowing. @returns a way to leave it out. */
  add(path: PathUri, undo: Undo): () => void {
    const step = { path, undo };
    this.#steps.push(step);
    return () => void this.#steps.splice(this.#steps.indexOf(step), 1);
  }

  /** Newest first. @returns what could not be undone. */
  async run(): Promise<PatchRemains[]> {
    const remains: PatchRemains[] = [];
    for (const { path, undo } of this.#steps.reverse()) {
      try {
        const left = await undo();
        if (left !== undefined) remains.push(left);
      } catch (error) {
        remains.push({ path: displayPath(path), state: "unknown", reason: reasonOf(error) });
      }
    }
    return remains;
  }
}
