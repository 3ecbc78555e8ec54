import { MAX_WALK_RESPONSE_BYTES, WALK_ITEM_OVERHEAD_BYTES } from "./limits.ts";
import { joinPath } from "./native-path.ts";

/** One thing that a walk found. */
export interface WalkEntry<Path> {
  readonly path: Path;
  readonly kind: "file" | "directory" | "symlink";
}

/** One place that a walk could not look at. */
export interface WalkError<Path> {
  readonly path: Path;
  readonly message: string;
}

/** What a walk found, breadth-first. */
export interface WalkResult<Path> {
  readonly entries: readonly WalkEntry<Path>[];
  readonly errors: readonly WalkError<Path>[];
  /** A limit cut the walk short. Depth does not count as a cut. */
  readonly truncated: boolean;
}

/**
 * How the caller spells paths. A walk derives each spelling from that of the parent, so that nothing is spelled twice.
 */
export interface PathNaming<Path> {
  readonly root: Path;
  /** @param name - One character per native byte (`latin1`), without a slash. */
  child(parent: Path, name: string): Path;
  /** Bytes that the path takes in the answer. */
  costOf(path: Path): number;
}

/** Native paths, costing their own length. */
export function nativeNaming(root: Buffer): PathNaming<Buffer> {
  return {
    root,
    child: (parent, name) => joinPath(parent, Buffer.from(name, "latin1")),
    costOf: (path) => path.length,
  };
}

/** Collects the items of a walk within the bytes that the answer may have. */
export class WalkReport<Path> {
  readonly #costOf: (path: Path) => number;
  readonly #maxBytes: number;
  readonly #entries: WalkEntry<Path>[] = [];
  readonly #errors: WalkError<Path>[] = [];
  #spentBytes = 0;
  #truncated = false;

  constructor(costOf: (path: Path) => number, maxBytes: number = MAX_WALK_RESPONSE_BYTES) {
    this.#costOf = costOf;
    this.#maxBytes = maxBytes;
  }

  /** False when the entry does not fit: it is dropped, and the walk must end. */
  addEntry(path: Path, kind: WalkEntry<Path>["kind"]): boolean {
    if (!this.#spend(this.#costOf(path))) return false;
    this.#entries.push({ path, kind });
    return true;
  }

  /** False when the error does not fit: it is dropped, and the walk must end. */
  addError(path: Path, message: string): boolean {
    if (!this.#spend(this.#costOf(path) + Buffer.byteLength(message))) return false;
    this.#errors.push({ path, message });
    return true;
  }

  truncate(): void {
    this.#truncated = true;
  }

  result(): WalkResult<Path> {
    return { entries: this.#entries, errors: this.#errors, truncated: this.#truncated };
  }

  #spend(bytes: number): boolean {
    const spent = this.#spentBytes + bytes + WALK_ITEM_OVERHEAD_BYTES;
    if (spent > this.#maxBytes) {
      this.#truncated = true;
      return false;
    }
    this.#spentBytes = spent;
    return true;
  }
}
