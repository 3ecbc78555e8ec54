import { pathUriFromNative, toNativePath } from "@holdfast/path-uri";
import {
  type ParsedFileSystemSandboxEntry,
  type PolicyBinding,
  type RestrictedFileSystemPolicy,
  resolveEntries,
} from "@holdfast/permission-profile";
import { followLinks } from "../linux/resolve-links.ts";
import type { FileView } from "../machine.ts";
import type { NumberedEntry } from "./explanation.ts";

/** An entry, and one place on this machine that it is about. */
export interface PlacedEntry extends NumberedEntry {
  /** The same access to that place alone. */
  readonly placed: ParsedFileSystemSandboxEntry;
  /** Native path without links. Absent: a pattern. */
  readonly path?: string;
  readonly exists: boolean;
}

/** What the entries of a policy are about on this machine as it is now: symbols bound, links followed, patterns last. */
export function placedEntries(
  policy: RestrictedFileSystemPolicy,
  binding: PolicyBinding,
  files: FileView,
): readonly PlacedEntry[] {
  const places = resolveEntries(policy, binding).flatMap(
    ({ path: uri, access, entry, index, skipIfMissing }): PlacedEntry[] => {
      const native = toNativePath(uri, "linux");
      const { path, firstMissing } = followLinks(native, files);
      if (skipIfMissing && files.kindOf(native) === undefined) return [];
      const placed = { path: { type: "path", path: pathUriFromNative(path, "posix") }, access } as const;
      return [{ placed, entry, index, path, exists: firstMissing === undefined }];
    },
  );
  const patterns = policy.entries.flatMap((entry, index) =>
    entry.path.type === "glob_pattern" ? [{ placed: entry, entry, index, exists: true }] : [],
  );
  return [...places, ...patterns];
}
