import type { ParsedFileSystemSandboxEntry, ParsedPermissionProfile } from "../parse/parsed-types.ts";
import type { FileSystemAccessMode } from "../types/file-system.ts";
import type { NetworkSandboxPolicy } from "../types/permission-profile.ts";

/** Only what the entries grant. */
export interface RestrictedFileSystemPolicy {
  readonly kind: "restricted";
  readonly entries: readonly ParsedFileSystemSandboxEntry[];
  /** How many folder levels a platform sandbox looks down to expand globs. Absent: no limit. Matching ignores it. */
  readonly globScanMaxDepth?: number | undefined;
}

/** The whole file system: no sandbox of ours narrows it. */
export interface UnrestrictedFileSystemPolicy {
  readonly kind: "unrestricted";
}

/** Another program narrows the file system; for us it is as open as `unrestricted`. */
export interface ExternalFileSystemPolicy {
  readonly kind: "external";
}

/** What a profile says about files, apart from who enforces it. */
export type FileSystemPolicy = RestrictedFileSystemPolicy | UnrestrictedFileSystemPolicy | ExternalFileSystemPolicy;

/** What the profile says about files. `disabled` is unrestricted. */
export function fileSystemPolicyOf(profile: ParsedPermissionProfile): FileSystemPolicy {
  if (profile.type === "disabled") return { kind: "unrestricted" };
  if (profile.type === "external") return { kind: "external" };
  const section = profile.file_system;
  if (section.type === "unrestricted") return { kind: "unrestricted" };
  const depth = section.glob_scan_max_depth ?? undefined;
  return {
    kind: "restricted",
    entries: section.entries,
    ...(depth === undefined ? {} : { globScanMaxDepth: depth }),
  };
}

/** What the profile says about the network. `disabled` leaves it open. */
export function networkPolicyOf(profile: ParsedPermissionProfile): NetworkSandboxPolicy {
  return profile.type === "disabled" ? "enabled" : profile.network;
}

/** The profile with this policy and this network section. */
export function profileOf(policy: FileSystemPolicy, network: NetworkSandboxPolicy): ParsedPermissionProfile {
  if (policy.kind === "external") return { type: "external", network };
  if (policy.kind === "unrestricted") return { type: "managed", file_system: { type: "unrestricted" }, network };
  const depth = policy.globScanMaxDepth;
  return {
    type: "managed",
    file_system: {
      type: "restricted",
      entries: [...policy.entries],
      ...(depth === undefined ? {} : { glob_scan_max_depth: depth }),
    },
    network,
  };
}

/** Which access stands where two entries name the same place: the greater one. */
export const ACCESS_STRENGTH: Readonly<Record<FileSystemAccessMode, number>> = { read: 1, write: 2, deny: 3 };

/** Names that stay read-only directly below every writable root unless an entry grants them by name. */
export const PROTECTED_METADATA_NAMES = [".git", ".agents", ".codex", ".aws"] as const;

/** Is this, as comparable text, one of the protected names? */
export function protectedName(name: string | undefined): string | undefined {
  return PROTECTED_METADATA_NAMES.find((candidate) => candidate === name);
}
