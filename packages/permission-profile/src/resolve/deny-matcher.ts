import { conventionOf, type PathUri, parent } from "@holdfast/path-uri";
import { namesOf } from "../paths/path-names.ts";
import { PathTrie } from "../paths/path-trie.ts";
import type { FileSystemPolicy } from "../policy/file-system-policy.ts";
import type { EntryRule, ForeignTargetRule, GlobRule, UnusableGlobRule } from "./access-decision.ts";
import { bindPolicy, matchingGlob } from "./bound-policy.ts";
import type { PolicyBinding } from "./policy-binding.ts";
import type { ResolvedEntry } from "./resolve-entries.ts";

/** Everything that a policy denies by name or by pattern, for walking a tree without what is denied. */
export interface DenyMatcher {
  /**
   * What denies the target, or `undefined`. Unlike an access decision it does not see that a deeper entry opens a path again,
   * and knows nothing of paths that were never granted.
   */
  match(target: PathUri): EntryRule | GlobRule | UnusableGlobRule | ForeignTargetRule | undefined;
}

/** Gather the denied places and patterns of a policy. A denied root of the file system is not counted as a place. */
export function compileDenyMatcher(policy: FileSystemPolicy, binding: PolicyBinding): DenyMatcher {
  const bound = bindPolicy(policy, binding);
  const places = new PathTrie<ResolvedEntry>();
  for (const entry of bound.resolved) {
    const names = entry.access === "deny" && !isRoot(entry.path) ? namesOf(entry.path) : undefined;
    if (names !== undefined) places.set(names, entry, (old) => old);
  }
  return {
    match(target) {
      if (policy.kind !== "restricted") return undefined;
      if (bound.unusableGlob !== undefined) return { kind: "unusable-glob", ...bound.unusableGlob };
      const names = conventionOf(target) === binding.convention ? namesOf(target) : undefined;
      if (names === undefined) return { kind: "foreign-target" };
      const place = places.deepest(names)?.value;
      if (place !== undefined) return { kind: "entry", entry: place.entry, index: place.index, path: place.path };
      const glob = matchingGlob(bound, names);
      return glob === undefined ? undefined : { kind: "glob", pattern: glob.source, index: glob.index };
    },
  };
}

/** Is this the root of a file system, a drive or a share? */
export function isRoot(path: PathUri): boolean {
  return namesOf(path) !== undefined && parent(path) === undefined;
}
