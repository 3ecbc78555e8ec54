import { ACCESS_STRENGTH } from "./access-strength.ts";
import { type BoundGlob, bindDenyGlobs, type UnusableGlob } from "./deny-globs.ts";
import type { FileSystemPolicy } from "./file-system-policy.ts";
import { charactersOf } from "./glob-pattern.ts";
import { namesOf } from "./path-names.ts";
import { PathTrie } from "./path-trie.ts";
import type { PolicyBinding } from "./policy-binding.ts";
import { hasFullDiskWrite } from "./policy-predicates.ts";
import { type ResolvedEntry, resolveEntries } from "./resolve-entries.ts";

/** A policy whose entries and patterns are sorted into the tree of paths. */
export interface BoundPolicy {
  readonly resolved: readonly ResolvedEntry[];
  /** The deciding entry of every path that has one. */
  readonly entries: PathTrie<ResolvedEntry>;
  /** The deny patterns by their base. */
  readonly globs: PathTrie<readonly BoundGlob[]>;
  readonly unusableGlob: UnusableGlob | undefined;
  readonly hasFullDiskWrite: boolean;
}

/** Sort a policy into the tree of paths, once for many questions. */
export function bindPolicy(policy: FileSystemPolicy, binding: PolicyBinding): BoundPolicy {
  const resolved = resolveEntries(policy, binding);
  const entries = new PathTrie<ResolvedEntry>();
  for (const entry of resolved) {
    const names = namesOf(entry.path);
    if (names !== undefined) entries.set(names, entry, stronger);
  }
  const { globs, unusable } = bindDenyGlobs(policy, binding);
  const globsByBase = new PathTrie<BoundGlob[]>();
  for (const glob of globs) globsByBase.set(namesOf(glob.base) ?? [], [glob], appendTo);
  return {
    resolved,
    entries,
    globs: globsByBase,
    unusableGlob: unusable,
    hasFullDiskWrite: hasFullDiskWrite(policy, binding.convention),
  };
}

/** The first deny pattern that matches the path with these names or a folder above it. */
export function matchingGlob(bound: BoundPolicy, names: readonly string[]): BoundGlob | undefined {
  const characters = charactersOf(names);
  for (const { value } of bound.globs.above(names)) {
    const match = value.find(({ compiled }) => compiled.matches(characters));
    if (match !== undefined) return match;
  }
  return undefined;
}

/** On one path deny beats write, and write beats read; among equals the first stands. */
export function stronger(old: ResolvedEntry, added: ResolvedEntry): ResolvedEntry {
  return ACCESS_STRENGTH[added.access] > ACCESS_STRENGTH[old.access] ? added : old;
}

function appendTo(globs: BoundGlob[], added: readonly BoundGlob[]): BoundGlob[] {
  globs.push(...added);
  return globs;
}
