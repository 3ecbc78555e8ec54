import type { FileSystemSandboxEntry } from "./file-system-sandbox-entry.ts";

/** Only what the entries grant. The deepest entry that contains a path decides. */
export interface RestrictedFileSystemPermissions {
  type: "restricted";
  /** In any order; the order is kept for showing. No entries: no access at all. */
  entries: FileSystemSandboxEntry[];
  /**
   * How many folder levels a platform sandbox looks down to expand globs. Absent or null: no limit.
   *
   * @minimum 1
   * @TJS-type ["integer", "null"]
   */
  glob_scan_max_depth?: number | null;
}

/** The whole file system, as far as the user may use it. */
export interface UnrestrictedFileSystemPermissions {
  type: "unrestricted";
}

/** The file system section of a managed profile. */
export type FileSystemPermissions = RestrictedFileSystemPermissions | UnrestrictedFileSystemPermissions;
