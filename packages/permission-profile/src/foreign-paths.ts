import { conventionOf, type PathConvention, type PathUri } from "@holdfast/path-uri";
import type { FileSystemPolicy } from "./file-system-policy.ts";

/** A literal entry that names no path of the enforcing machine. */
export interface ForeignPath {
  readonly path: PathUri;
  /** Position of the entry in the policy. */
  readonly index: number;
}

/** The literal entries whose path is of another convention. They decide nothing here; a launch under them has to be refused. */
export function foreignPaths(policy: FileSystemPolicy, convention: PathConvention): readonly ForeignPath[] {
  if (policy.kind !== "restricted") return [];
  return policy.entries.flatMap(({ path }, index) =>
    path.type === "path" && conventionOf(path.path) !== convention ? [{ path: path.path, index }] : [],
  );
}
