import { ACCESS_STRENGTH, type FileSystemAccessMode } from "@holdfast/permission-profile";
import { byDepth, parentOf } from "./native-path.ts";
import type { NativeRule } from "./native-rules.ts";

/** Rules by path: the deepest at or above a path decides; of several for one path the strongest stands. */
export class AccessTree {
  readonly #accessByPath = new Map<string, FileSystemAccessMode>();

  constructor(rules: Iterable<NativeRule>) {
    for (const { path, access } of rules) {
      const known = this.#accessByPath.get(path);
      if (known === undefined || ACCESS_STRENGTH[access] > ACCESS_STRENGTH[known]) this.#accessByPath.set(path, access);
    }
  }

  /** The access to a path. Nothing said about it or above it: `deny`. */
  accessOf(path: string): FileSystemAccessMode {
    return this.at(path) ?? (path === "/" ? "deny" : this.accessOf(parentOf(path)));
  }

  /** The access that the path would have by what is said above it. */
  accessAbove(path: string): FileSystemAccessMode {
    return path === "/" ? "deny" : this.accessOf(parentOf(path));
  }

  /** What is said about this very path. */
  at(path: string): FileSystemAccessMode | undefined {
    return this.#accessByPath.get(path);
  }

  /** One rule for each path, every folder before what is below it. */
  rules(): NativeRule[] {
    return [...this.#accessByPath].map(([path, access]) => ({ path, access })).sort(byDepth);
  }
}
