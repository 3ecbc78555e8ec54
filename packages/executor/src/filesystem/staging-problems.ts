import { joinPath } from "./native-path.ts";

/** One thing that did not go as asked. */
export interface StagingProblem {
  readonly path: Buffer;
  readonly message: string;
}

/** Problems of one request that are told one by one. A million of them would be more than any message holds. */
const TOLD_MAX = 1_000;

/** Collects what did not go as asked while the rest went on. */
export class StagingProblems {
  readonly #root: Buffer;
  readonly #told: StagingProblem[] = [];
  #count = 0;

  /** @param root - What the paths are below. */
  constructor(root: Buffer) {
    this.#root = root;
  }

  get count(): number {
    return this.#count;
  }

  /** @param path - From the root; empty: the root itself. */
  report(path: Buffer, message: string): void {
    this.#count += 1;
    if (this.#count > TOLD_MAX) return;
    this.#told.push({ path: path.length === 0 ? this.#root : joinPath(this.#root, path), message });
  }

  /** The last says how many there are besides, if there are more than are reported. */
  all(): StagingProblem[] {
    if (this.#count <= TOLD_MAX) return this.#told;
    return [...this.#told, { path: this.#root, message: `${this.#count - TOLD_MAX} more did not go as asked` }];
  }
}
