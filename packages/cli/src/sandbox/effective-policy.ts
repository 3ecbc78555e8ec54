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
  /** Grants of writing where nothing is: no sandbox can show that. */
  readonly missingGrants: readonly PlacedEntry[];
}

/** Bind the entries of a profile to what is there. */
export function effectivePolicy(
  profile: ParsedPermissionProfile,
  binding: PolicyBinding,
  files: FileView,
): EffectivePolicy {
  const original = fileSystemPolicyOf(profile);
  if (original.kind !== "restricted" || hasFullDiskWrite(original, "posix")) {
    return { isWholeDisk: true, original, entries: [], missingGrants: [] };
  }
  const places = resolveEntries(original, binding).flatMap(
    ({ path: uri, access, entry, index, skipIfMissing }): PlacedEntry[] => {
      const native = toNativePath(uri, "linux");
      const { path, exists } = followLinks(native, files);
      if (skipIfMissing && files.kindOf(native) === undefined) return [];
      const placed = { path: { type: "path", path: uriOf(path) }, access } as const;
      return [{ placed, entry, index, path, exists }];
    },
  );
  const patterns = original.entries.flatMap((entry, index) =>
    entry.path.type === "glob_pattern" ? [{ placed: entry, entry, index, exists: true }] : [],
  );
  const isMissing = ({ placed, exists }: PlacedEntry): boolean => placed.access === "write" && !exists;
  return {
    isWholeDisk: false,
    original,
    entries: [...places.filter((each) => !isMissing(each)), ...patterns],
    missingGrants: places.filter(isMissing),
  };
}

function uriOf(path: string): PathUri {
  return pathUriFromNative(path, "posix");
}
