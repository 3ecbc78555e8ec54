import { TURN_DIFF_MAX_FILES, TURN_DIFF_MAX_LENGTH } from "./limits.ts";
import { type ChangedFile, gitDiff } from "./unified-diff.ts";

/** What a turn has changed by patches, from what was there before its first one. */
export class TurnDiff {
  readonly #files = new Map<string, { readonly before: string | undefined; after: string | undefined }>();
  #text: string | undefined;

  get isEmpty(): boolean {
    return this.#files.size === 0;
  }

  /** @param files - In their order; a rename is the end of one and the beginning of the other. */
  add(files: readonly ChangedFile[]): void {
    this.#text = undefined;
    for (const { path, from = path, before, after } of files) {
      if (from === path) this.#change(path, before, after);
      else {
        this.#change(from, before, undefined);
        this.#change(path, undefined, after);
      }
    }
  }

  /** As git would write it. */
  text(): string {
    this.#text ??= this.#made();
    return this.#text;
  }

  #change(path: string, before: string | undefined, after: string | undefined): void {
    const known = this.#files.get(path);
    if (known !== undefined) known.after = after;
    else if (this.#files.size < TURN_DIFF_MAX_FILES) this.#files.set(path, { before, after });
  }

  #made(): string {
    let text = "";
    for (const [path, { before, after }] of [...this.#files].sort(([one], [other]) => (one < other ? -1 : 1))) {
      const part = gitDiff({ path, before, after });
      if (text.length + part.length <= TURN_DIFF_MAX_LENGTH) text += part;
    }
    return text;
  }
}
