import { charactersOf } from "../glob/glob-pattern.ts";
import { namesOf } from "../paths/path-names.ts";
import { PathTrie } from "../paths/path-trie.ts";
import { ACCESS_STRENGTH, type FileSystemPolicy, protectedName } from "../policy/file-system-policy.ts";
import { hasFullDiskWrite } from "../policy/policy-predicates.ts";
import type { AccessDecision } from "./access-decision.ts";
import { type BoundGlob, bindDenyGlobs, type UnusableGlob } from "./deny-globs.ts";
import type { PolicyBinding } from "./policy-binding.ts";
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

/** What the entries and the protected names say about the path with these names; deny patterns are left out. */
export function accessByEntries(bound: BoundPolicy, names: readonly string[]): AccessDecision {
  const hit = bound.entries.deepest(names);
  if (hit === undefined) return { access: "deny", rule: { kind: "unmatched" } };
  const { entry, index, path, access } = hit.value;
  // A writable root further out protects its own names too, but the entry found here lies inside them and reopens them.
  const name = protectedName(names[hit.depth]);
  if (access !== "write" || name === undefined || bound.hasFullDiskWrite) {
    return { access, rule: { kind: "entry", entry, index, path } };
  }
  return { access: "read", rule: { kind: "protected-metadata", root: path, name } };
}
