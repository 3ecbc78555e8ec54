import type { PathUri } from "@holdfast/path-uri";
import { namesOf } from "../paths/path-names.ts";
import { PermissionProfileError } from "../permission-profile-error.ts";
import { type FileSystemPolicy, PROTECTED_METADATA_NAMES } from "../policy/file-system-policy.ts";
import { type BoundPolicy, bindPolicy, matchingGlob } from "./bound-policy.ts";
import { bindDenyGlobs, type DenyGlob } from "./deny-globs.ts";
import { isRoot } from "./deny-matcher.ts";
import type { PolicyBinding } from "./policy-binding.ts";
import { type ResolvedEntry, resolveEntries } from "./resolve-entries.ts";

/** A folder tree that may be written, with what stays closed inside it. By text alone: nothing was looked up on disk. */
export interface WritableRoot {
  readonly root: PathUri;
  /** Every narrower entry inside the root that does not grant writing, the shallow ones first; denied ones included. */
  readonly readOnlySubpaths: readonly PathUri[];
  /** Names directly below the root that stay read-only, whether they exist or not. */
  readonly protectedMetadataNames: readonly string[];
}

/**
 * The places that may be written, each once, in the order of the entries. Empty for a policy that is not restricted, and where
 * a pattern can not be understood.
 */
export function writableRoots(policy: FileSystemPolicy, binding: PolicyBinding): readonly WritableRoot[] {
  const bound = bindPolicy(policy, binding);
  return effectiveRoots(bound, ["write"]).map(({ path, names }) => ({
    root: path,
    readOnlySubpaths: [...bound.entries.below(names)]
      .filter(({ access }) => access !== "write")
      .map((entry) => entry.path),
    protectedMetadataNames: bound.hasFullDiskWrite
      ? []
      : PROTECTED_METADATA_NAMES.filter((name) => bound.entries.get([...names, name])?.access !== "write"),
  }));
}

/** The places that may be read, writable ones included, each once, in the order of the entries. */
export function readableRoots(policy: FileSystemPolicy, binding: PolicyBinding): readonly PathUri[] {
  return effectiveRoots(bindPolicy(policy, binding), ["read", "write"]).map(({ path }) => path);
}

/** The places that are denied, each once, in the order of the entries; the root of the file system is left out. */
export function deniedRoots(policy: FileSystemPolicy, binding: PolicyBinding): readonly PathUri[] {
  const denied = resolveEntries(policy, binding).filter(({ access, path }) => access === "deny" && !isRoot(path));
  return [...new Map(denied.map(({ path }) => [namesOf(path)?.join("/") ?? path, path])).values()];
}

/**
 * The deny patterns bound to this machine, each once, sorted by their text.
 *
 * @throws PermissionProfileError when one can not be understood here; nothing may run under such a policy.
 */
export function denyGlobs(policy: FileSystemPolicy, binding: PolicyBinding): readonly DenyGlob[] {
  const { globs, unusable } = bindDenyGlobs(policy, binding);
  if (unusable !== undefined) {
    throw new PermissionProfileError(unusable.reason, ["entries", unusable.index, "path", "pattern"]);
  }
  const unique = new Map(globs.toReversed().map(({ compiled: _, ...glob }) => [glob.pattern, glob]));
  return [...unique.values()].sort((a, b) => (a.pattern < b.pattern ? -1 : 1));
}

interface EffectiveRoot {
  readonly path: PathUri;
  readonly names: readonly string[];
}

function effectiveRoots(bound: BoundPolicy, accesses: readonly ResolvedEntry["access"][]): EffectiveRoot[] {
  if (bound.unusableGlob !== undefined) return [];
  const roots = new Map<ResolvedEntry, EffectiveRoot>();
  for (const { path } of bound.resolved) {
    const names = namesOf(path);
    const deciding = names === undefined ? undefined : bound.entries.get(names);
    if (names === undefined || deciding === undefined || !accesses.includes(deciding.access)) continue;
    if (matchingGlob(bound, names) === undefined) roots.set(deciding, { path: deciding.path, names });
  }
  return [...roots.values()];
}
