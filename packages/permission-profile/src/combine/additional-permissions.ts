import type { PathConvention } from "@holdfast/path-uri";
import type { ParsedFileSystemSandboxEntry, ParsedPermissionProfile } from "../parse/parsed-types.ts";
import { optionalSection, parseStoredEntries, refuseOthers } from "../parse/stored-entries.ts";
import { isNetworkEnabled } from "../parse/stored-profile.ts";
import { isRecord } from "../parse/wire-schema.ts";
import { PermissionProfileError } from "../permission-profile-error.ts";
import { type FileSystemPolicy, fileSystemPolicyOf, networkPolicyOf, profileOf } from "../policy/file-system-policy.ts";
import { canonicalEntryKey } from "./canonical-profile.ts";

/** Entries that a grant adds. */
export interface AdditionalFileSystemPermissions {
  readonly entries: readonly ParsedFileSystemSandboxEntry[];
  /** As in a policy. Absent: no limit of the grant's own. */
  readonly globScanMaxDepth?: number | undefined;
}

/** What is requested, or was granted, on top of a profile. */
export interface AdditionalPermissions {
  readonly isNetworkEnabled: boolean;
  /** `undefined`: nothing about files. */
  readonly fileSystem: AdditionalFileSystemPermissions | undefined;
}

/**
 * Read additional permissions in either spelling, `file_system` of stored files or `fileSystem` of the application API, with
 * native text for literal paths.
 *
 * @throws PermissionProfileError that names the rule and the member.
 */
export function parseAdditionalPermissions(
  value: unknown,
  options: { readonly convention: PathConvention },
): AdditionalPermissions {
  if (!isRecord(value)) throw new PermissionProfileError(`invalid type: ${typeof value}, expected an object`, []);
  if ("fileSystem" in value && "file_system" in value) refuseOthers(value, ["network", "fileSystem"], []);
  const member = "fileSystem" in value ? "fileSystem" : "file_system";
  const depth = member === "fileSystem" ? "globScanMaxDepth" : "glob_scan_max_depth";
  const section = optionalSection(value, member, []);
  const stored =
    section === undefined
      ? undefined
      : parseStoredEntries(section, options.convention, { depth, isStrict: false }, [member]);
  return {
    isNetworkEnabled: isNetworkEnabled(value, false),
    fileSystem: stored && fileSystemOf(stored.entries, stored.glob_scan_max_depth ?? undefined),
  };
}

/**
 * Drop duplicates and empty sections. Links on disk are not looked at.
 *
 * @throws PermissionProfileError for a pattern that does not deny.
 */
export function normalizeAdditionalPermissions(permissions: AdditionalPermissions): AdditionalPermissions {
  const entries = permissions.fileSystem?.entries ?? [];
  const index = entries.findIndex(({ path, access }) => path.type === "glob_pattern" && access !== "deny");
  if (index >= 0) {
    const reason = "glob file system permissions only support deny-read entries";
    throw new PermissionProfileError(reason, ["fileSystem", "entries", index]);
  }
  const depth = permissions.fileSystem?.globScanMaxDepth;
  return { ...permissions, fileSystem: entries.length === 0 ? undefined : fileSystemOf(union(entries, []), depth) };
}

/** What both grant: the entries of `a`, then those that only `b` has; the network if either opens it. */
export function mergeAdditionalPermissions(a: AdditionalPermissions, b: AdditionalPermissions): AdditionalPermissions {
  const isNetworkEnabled = a.isNetworkEnabled || b.isNetworkEnabled;
  if (a.fileSystem === undefined || b.fileSystem === undefined) {
    const only = a.fileSystem ?? b.fileSystem;
    return { isNetworkEnabled, fileSystem: only && fileSystemOf(union(only.entries, []), only.globScanMaxDepth) };
  }
  const entries = union(a.fileSystem.entries, b.fileSystem.entries);
  return { isNetworkEnabled, fileSystem: fileSystemOf(entries, deeperScan(a.fileSystem, b.fileSystem)) };
}

/**
 * The profile with additional permissions: entries that it does not have yet are appended, and the network is open if either
 * opens it. A broad grant does not reopen a deeper deny entry. A profile that is not restricted keeps its file section.
 */
export function applyAdditionalPermissions(
  profile: ParsedPermissionProfile,
  additional: AdditionalPermissions,
): ParsedPermissionProfile {
  if (profile.type === "disabled") return profile;
  const isEnabled = networkPolicyOf(profile) === "enabled" || additional.isNetworkEnabled;
  const policy = withEntries(fileSystemPolicyOf(profile), additional.fileSystem);
  return profileOf(policy, isEnabled ? "enabled" : "restricted");
}

function withEntries(policy: FileSystemPolicy, added: AdditionalFileSystemPermissions | undefined): FileSystemPolicy {
  if (policy.kind !== "restricted" || added === undefined) return policy;
  return { kind: "restricted", ...fileSystemOf(union(policy.entries, added.entries), deeperScan(policy, added)) };
}

function union(
  a: readonly ParsedFileSystemSandboxEntry[],
  b: readonly ParsedFileSystemSandboxEntry[],
): ParsedFileSystemSandboxEntry[] {
  const byKey = new Map<string, ParsedFileSystemSandboxEntry>();
  for (const entry of [...a, ...b]) {
    const key = canonicalEntryKey(entry);
    if (!byKey.has(key)) byKey.set(key, entry);
  }
  return [...byKey.values()];
}

/** Patterns of neither side may be looked for less deep than it asked; a side without patterns has no say. */
function deeperScan(a: AdditionalFileSystemPermissions, b: AdditionalFileSystemPermissions): number | undefined {
  const depths = [a, b].filter(hasGlob).map(({ globScanMaxDepth }) => globScanMaxDepth ?? Number.POSITIVE_INFINITY);
  if (depths.length === 0) return a.globScanMaxDepth ?? b.globScanMaxDepth;
  const deepest = Math.max(...depths);
  return Number.isFinite(deepest) ? deepest : undefined;
}

function hasGlob({ entries }: AdditionalFileSystemPermissions): boolean {
  return entries.some(({ path }) => path.type === "glob_pattern");
}

function fileSystemOf(
  entries: readonly ParsedFileSystemSandboxEntry[],
  globScanMaxDepth: number | undefined,
): AdditionalFileSystemPermissions {
  return globScanMaxDepth === undefined ? { entries } : { entries, globScanMaxDepth };
}
