import { TURN_DIFF_MAX_FILES, TURN_DIFF_MAX_LENGTH } from "./limits.ts";
import { type ChangedFile, gitDiff } from "./unified-diff.ts";

interface TrackedFile {
  /** Where it was. */
  readonly from: string;
  readonly before: string | undefined;
  readonly after: string | undefined;
}

/** What a turn has changed by patches, from what was there before its first one. */
export class TurnDiff {
  /** By where they are now. */
  readonly #files = new Map<string, TrackedFile>();
  #text: string | undefined;
  #isTold = true;

  /** Nothing was changed. */
  get isEmpty(): boolean {
    return this.#files.size === 0;
  }

  /** @param files - In their order. */
  add(files: readonly ChangedFile[]): void {
    this.#text = undefined;
    for (const file of files) this.#add(file);
  }

  /** As git would write it. */
  text(): string {
    this.#text ??= this.#made();
    return this.#text;
  }

  /** It has been told in this step. */
  told(): void {
    this.#isTold = true;
  }

  /** At the end of a step: whether it is to be told again. */
  isDue(): boolean {
    const isDue = !this.isEmpty && !this.#isTold;
    this.#isTold = false;
    return isDue;
  }

  #add({ path, from = path, before, after }: ChangedFile): void {
    const known = this.#files.get(from);
    if (from !== path && this.#files.has(path)) {
      // What was there before is part of the diff as well.
      this.#put(from, { from: known?.from ?? from, before: known?.before ?? before, after: undefined });
      this.#put(path, { from: path, before: this.#files.get(path)?.before, after });
      return;
    }
    if (from !== path) this.#files.delete(from);
    const origin = known ?? { from, before };
    this.#put(path, { from: origin.before === undefined ? path : origin.from, before: origin.before, after });
  }

  #put(path: string, file: TrackedFile): void {
    if (this.#files.has(path) || this.#files.size < TURN_DIFF_MAX_FILES) this.#files.set(path, file);
  }

  #made(): string {
    let text = "";
    for (const [path, { from, before, after }] of [...this.#files].sort(([one], [other]) => (one < other ? -1 : 1))) {
      const part = gitDiff({ path, from: after === undefined ? path : from, before, after });
      if (text.length + part.length <= TURN_DIFF_MAX_LENGTH) text += part;
    }
    return text;
  }
}
