import type { PathUri } from "@holdfast/path-uri";
import type { ParsedFileSystemSandboxEntry } from "../parse/parsed-types.ts";
import { namesOf } from "../paths/path-names.ts";
import { PathTrie } from "../paths/path-trie.ts";
import { PermissionProfileError } from "../permission-profile-error.ts";
import { literal, skipIfMissing } from "../policy/built-in-profiles.ts";
import type { FileSystemPolicy, RestrictedFileSystemPolicy } from "../policy/file-system-policy.ts";
import { accessByEntries, type BoundPolicy, bindPolicy } from "../resolve/bound-policy.ts";
import type { PolicyBinding } from "../resolve/policy-binding.ts";
import type { FileSystemAccessMode } from "../types/file-system.ts";
import type { AdditionalFileSystemPermissions, AdditionalPermissions } from "./additional-permissions.ts";

const RANK: Readonly<Record<FileSystemAccessMode, number>> = { deny: 0, read: 1, write: 2 };

/**
 * What was asked for and is granted too. Symbolic places become the paths that they mean on this machine.
 *
 * @throws PermissionProfileError when either side grants the platform's own files, which no list of entries can express.
 */
export function intersectAdditionalPermissions(
  requested: AdditionalPermissions,
  granted: AdditionalPermissions,
  binding: PolicyBinding,
): AdditionalPermissions {
  const isNetworkEnabled = requested.isNetworkEnabled && granted.isNetworkEnabled;
  if (requested.fileSystem === undefined || granted.fileSystem === undefined) {
    return { isNetworkEnabled, fileSystem: undefined };
  }
  const common = intersectRestricted(restricted(requested.fileSystem), restricted(granted.fileSystem), binding);
  return { isNetworkEnabled, fileSystem: common.entries.length === 0 ? undefined : common };
}

/**
 * The policy under which exactly that is allowed which both allow.
 *
 * @throws PermissionProfileError when one of them is enforced by another program or grants the platform's own files.
 */
export function intersectFileSystemPolicies(
  requested: FileSystemPolicy,
  granted: FileSystemPolicy,
  binding: PolicyBinding,
): FileSystemPolicy {
  if (requested.kind === "external" || granted.kind === "external") {
    throw new PermissionProfileError("externally enforced filesystem permissions cannot be intersected safely", []);
  }
  if (requested.kind === "unrestricted") return granted;
  if (granted.kind === "unrestricted") return requested;
  return { kind: "restricted", ...intersectRestricted(requested, granted, binding) };
}

function intersectRestricted(
  requested: RestrictedFileSystemPolicy,
  granted: RestrictedFileSystemPolicy,
  binding: PolicyBinding,
): AdditionalFileSystemPermissions {
  if ([...requested.entries, ...granted.entries].some(isPlatformGrant)) {
    throw new PermissionProfileError("platform-default filesystem permissions cannot be intersected safely", []);
  }
  const sides = [bindPolicy(requested, binding), bindPolicy(granted, binding)] as const;
  const grants = new PathTrie<true>();
  const entries: ParsedFileSystemSandboxEntry[] = [];
  for (const { path, names } of turningPoints(sides)) {
    const entry = weakerEntry(sides, path, names);
    // A denied place matters inside a granted one only; elsewhere it would take something away from a profile it is added to.
    if (entry.access === "deny" && grants.deepest(names) === undefined) continue;
    if (entry.access !== "deny") grants.set(names, true, () => true);
    entries.push(entry);
  }
  const globs = [...requested.entries, ...granted.entries].filter(({ path }) => path.type === "glob_pattern");
  const sources = new Map(globs.map((entry) => [JSON.stringify([entry.path, entry.access]), entry]));
  return { entries: entries.length === 0 ? [] : [...entries, ...sources.values()] };
}

interface TurningPoint {
  readonly path: PathUri;
  readonly names: readonly string[];
}

/** Every path where the access of one side may change, the shallow ones first. Between them both stay as they are. */
function turningPoints(sides: readonly BoundPolicy[]): TurningPoint[] {
  const points = new Map<string, TurningPoint>();
  for (const { path } of sides.flatMap(({ resolved }) => resolved)) {
    const names = namesOf(path);
    if (names !== undefined) points.set(names.join("/"), { path, names });
  }
  return [...points.values()].sort((a, b) => a.names.length - b.names.length);
}

function weakerEntry(
  sides: readonly [BoundPolicy, BoundPolicy],
  path: PathUri,
  names: readonly string[],
): ParsedFileSystemSandboxEntry {
  const [mine, theirs] = sides.map((bound) => ({ bound, access: accessByEntries(bound, names).access }));
  if (mine === undefined || theirs === undefined) return literal(path, "deny");
  const weaker = RANK[theirs.access] < RANK[mine.access] ? theirs : mine;
  const entry = literal(path, weaker.access);
  return weaker.bound.entries.get(names)?.skipIfMissing === true ? skipIfMissing(entry) : entry;
}

function isPlatformGrant({ path, access }: ParsedFileSystemSandboxEntry): boolean {
  return path.type === "special" && path.value.kind === "minimal" && access !== "deny";
}

function restricted(section: AdditionalFileSystemPermissions): RestrictedFileSystemPolicy {
  return { kind: "restricted", ...section };
}
