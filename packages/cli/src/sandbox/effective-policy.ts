import { type PathUri, pathUriFromNative, toNativePath } from "@holdfast/path-uri";
import {
  type FileSystemPolicy,
  fileSystemPolicyOf,
  hasFullDiskWrite,
  type ParsedFileSystemSandboxEntry,
  type ParsedPermissionProfile,
  type PolicyBinding,
  resolveEntries,
} from "@holdfast/permission-profile";
import type { FileView } from "@holdfast/sandbox";
import { followLinks } from "./follow-links.ts";

/** An entry of a profile and one place on this machine that it is about. */
export interface PlacedEntry {
  /** The same access to that place alone. */
  readonly placed: ParsedFileSystemSandboxEntry;
  readonly entry: ParsedFileSystemSandboxEntry;
  /** Position in the profile. */
  readonly index: number;
  /** Native path without links. Absent: a pattern. */
  readonly path?: string;
  readonly exists: boolean;
}

/** What a profile says about this machine as it is now: symbols bound, links followed. */
export interface EffectivePolicy {
  readonly isWholeDisk: boolean;
  readonly original: FileSystemPolicy;
  readonly entries: readonly PlacedEntry[];
}

/** Bind the entries of a profile. A grant of writing where nothing is grants nothing: no sandbox can show it. */
export function effectivePolicy(
  profile: ParsedPermissionProfile,
  binding: PolicyBinding,
  files: FileView,
): EffectivePolicy {
  const original = fileSystemPolicyOf(profile);
  if (original.kind !== "restricted" || hasFullDiskWrite(original, "posix")) {
    return { isWholeDisk: true, original, entries: [] };
  }
  const places = resolveEntries(original, binding).flatMap(({ path: uri, access, entry, index, skipIfMissing }) => {
    const native = toNativePath(uri, "linux");
    const { path, exists } = followLinks(native, files);
    if (skipIfMissing && files.kindOf(native) === undefined) return [];
    if (access === "write" && !exists) return [];
    const placed = { path: { type: "path", path: uriOf(path) }, access } as const;
    return [{ placed, entry, index, path, exists }];
  });
  const patterns = original.entries.flatMap((entry, index) =>
    entry.path.type === "glob_pattern" ? [{ placed: entry, entry, index, exists: true }] : [],
  );
  return { isWholeDisk: false, original, entries: [...places, ...patterns] };
}

function uriOf(path: string): PathUri {
  return pathUriFromNative(path, "posix");
}
