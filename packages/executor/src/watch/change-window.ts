/** A path with one character per byte (`latin1`). */
export type BytePath = string;

/** What happened to a path. */
export type Change =
  | { readonly type: "created" | "changed" | "removed"; readonly path: BytePath }
  | { readonly type: "renamed"; readonly path: BytePath; readonly from: BytePath }
  | { readonly type: "overflow" };

type Kept = Exclude<Change, { readonly type: "overflow" }>;

/**
 * Puts together what happens to each path until it is told, in the order of what happened last. Where there are too many paths, what
 * is told is that everything has to be looked at again.
 */
export class ChangeWindow {
  readonly #maxPaths: number;
  readonly #kept = new Map<BytePath, Kept>();
  #isOverflowed = false;

  constructor(maxPaths: number) {
    this.#maxPaths = maxPaths;
  }

  get isEmpty(): boolean {
    return !this.#isOverflowed && this.#kept.size === 0;
  }

  created(path: BytePath): void {
    const type = this.#kept.get(path)?.type === "removed" ? "changed" : "created";
    this.#keep({ type, path });
  }

  changed(path: BytePath): void {
    const known = this.#kept.get(path);
    // Who is told one of these looks at it anyway.
    if (known === undefined || known.type === "removed") this.#keep({ type: "changed", path });
  }

  removed(path: BytePath): void {
    const known = this.#kept.get(path);
    this.#kept.delete(path);
    // What was never told of needs no end.
    if (known?.type === "created") return;
    this.#keep({ type: "removed", path: known?.type === "renamed" ? known.from : path });
  }

  renamed(from: BytePath, path: BytePath): void {
    const known = this.#kept.get(from);
    this.#kept.delete(from);
    if (known?.type === "created") this.created(path);
    else this.#keep({ type: "renamed", path, from: known?.type === "renamed" ? known.from : from });
  }

  /** Events were lost. */
  overflow(): void {
    this.#kept.clear();
    this.#isOverflowed = true;
  }

  /**
   * The oldest changes, which are forgotten with that.
   *
   * @param maxCost - Of all of them, in characters of their paths; one is given in any case.
   */
  take(maxChanges: number, maxCost: number): Change[] {
    if (this.#isOverflowed) {
      this.#isOverflowed = false;
      return [{ type: "overflow" }];
    }
    const taken: Change[] = [];
    let cost = 0;
    for (const change of this.#kept.values()) {
      cost += change.path.length + (change.type === "renamed" ? change.from.length : 0);
      if (taken.length === maxChanges || (taken.length > 0 && cost > maxCost)) break;
      taken.push(change);
      this.#kept.delete(change.path);
    }
    return taken;
  }

  #keep(change: Kept): void {
    if (this.#isOverflowed) return;
    this.#kept.delete(change.path);
    this.#kept.set(change.path, change);
    if (this.#kept.size > this.#maxPaths) this.overflow();
  }
}
