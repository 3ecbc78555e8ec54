import type { ParsedFileSystemSandboxEntry, ParsedPermissionProfile } from "../parse/parsed-types.ts";
import { asTheSystemReads, leavesRootSomewhere, namesOf } from "../paths/path-names.ts";
import { entryTarget } from "../policy/entry-target.ts";
import {
  ACCESS_STRENGTH,
  type FileSystemPolicy,
  fileSystemPolicyOf,
  networkPolicyOf,
  profileOf,
} from "../policy/file-system-policy.ts";
import { materialize } from "../resolve/materialize.ts";
import type { PolicyBinding } from "../resolve/policy-binding.ts";

/**
 * The profile in one spelling: an entry for each target with the strongest access that it is given, sorted by target. With a
 * binding, symbolic places other than `root` and `minimal` become the paths that they mean there.
 */
export function canonicalProfile(profile: ParsedPermissionProfile, binding?: PolicyBinding): ParsedPermissionProfile {
  if (profile.type === "disabled") return { type: "disabled" };
  return profileOf(canonicalPolicy(fileSystemPolicyOf(profile), binding), networkPolicyOf(profile));
}

/** Do two profiles mean the same, regardless of the order and the spelling of their entries? A binding makes symbols comparable. */
export function profilesEqual(
  a: ParsedPermissionProfile,
  b: ParsedPermissionProfile,
  binding?: PolicyBinding,
): boolean {
  return meaningOf(a, binding) === meaningOf(b, binding);
}

/** Text that two entries share exactly if they say the same. */
export function canonicalEntryKey(entry: ParsedFileSystemSandboxEntry): string {
  return JSON.stringify([entryTarget(entry.path), entry.access, entry.missing_path_behavior === "skip"]);
}

/** One entry for each target, by target, in the order in which the targets appear; two where a write may grant nothing. */
export function strongestPerTarget(
  entries: readonly ParsedFileSystemSandboxEntry[],
): Map<string, ParsedFileSystemSandboxEntry> {
  const byTarget = new Map<string, ParsedFileSystemSandboxEntry>();
  for (const entry of entries) {
    const added = canonicalEntry(entry);
    const target = entryTarget(added.path);
    const key = mayGrantNothing(added) ? JSON.stringify([target, "write"]) : target;
    const old = byTarget.get(key);
    byTarget.set(key, old === undefined ? added : merged(old, added));
  }
  return byTarget;
}

/** A write that is dropped where it leads astray, while another entry of the same target is not: neither stands for both. */
function mayGrantNothing({ path, access }: ParsedFileSystemSandboxEntry): boolean {
  if (access !== "write") return false;
  if (path.type === "path") return namesOf(path.path) === undefined;
  if (path.type === "glob_pattern" || path.value.kind !== "project_roots") return false;
  return leavesRootSomewhere(path.value.subpath ?? "");
}

function canonicalPolicy(policy: FileSystemPolicy, binding: PolicyBinding | undefined): FileSystemPolicy {
  const bound = binding === undefined ? policy : materialize(policy, binding);
  if (bound.kind !== "restricted") return bound;
  const sorted = [...strongestPerTarget(bound.entries)].sort(([a], [b]) => (a < b ? -1 : 1));
  return { ...bound, entries: sorted.map(([, entry]) => entry) };
}

function canonicalEntry({ path, access, missing_path_behavior }: ParsedFileSystemSandboxEntry) {
  const entry: ParsedFileSystemSandboxEntry = { path: canonicalPath(path), access };
  return missing_path_behavior === "skip" ? { ...entry, missing_path_behavior } : entry;
}

function canonicalPath(path: ParsedFileSystemSandboxEntry["path"]): ParsedFileSystemSandboxEntry["path"] {
  if (path.type === "path") {
    const respelled = namesOf(path.path) === undefined ? path.path : asTheSystemReads(path.path);
    return { type: "path", path: respelled };
  }
  if (path.type === "glob_pattern") return { type: "glob_pattern", pattern: path.pattern };
  const { value } = path;
  if (value.kind !== "project_roots" && value.kind !== "unknown")
    return { type: "special", value: { kind: value.kind } };
  const subpath = value.subpath ?? "";
  const { subpath: _, ...rest } = value;
  return { type: "special", value: subpath === "" ? rest : { ...rest, subpath } };
}

/** One entry for two of the same target, whichever comes first. An entry that stands even if missing is the stronger one. */
function merged(a: ParsedFileSystemSandboxEntry, b: ParsedFileSystemSandboxEntry): ParsedFileSystemSandboxEntry {
  if (a.access !== b.access) return ACCESS_STRENGTH[a.access] > ACCESS_STRENGTH[b.access] ? a : b;
  const isSkip = a.missing_path_behavior === "skip" && b.missing_path_behavior === "skip";
  const { path, access } = JSON.stringify(a.path) <= JSON.stringify(b.path) ? a : b;
  return isSkip ? { path, access, missing_path_behavior: "skip" } : { path, access };
}

function meaningOf(profile: ParsedPermissionProfile, binding: PolicyBinding | undefined): string {
  const canonical = canonicalProfile(profile, binding);
  const policy = fileSystemPolicyOf(canonical);
  if (policy.kind !== "restricted") return JSON.stringify(canonical);
  const entries = policy.entries.map((entry) => [entryTarget(entry.path), entry.access, entry.missing_path_behavior]);
  return JSON.stringify([networkPolicyOf(canonical), policy.globScanMaxDepth, entries]);
}
