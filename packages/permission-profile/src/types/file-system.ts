import type { PathUriText } from "@holdfast/path-uri";

/**
 * What an entry grants. `write` includes reading. At the same depth `deny` beats `write`, and `write` beats `read`.
 *
 * Receivers also take `none`, an older word for `deny`; senders write `deny`.
 */
export type FileSystemAccessMode = "read" | "write" | "deny";

/** The root of the file system, or of the drive that the policy's directory is on. */
export interface RootSpecialPath {
  kind: "root";
}

/** What programs need from the platform to run at all. Only reading matters. */
export interface MinimalSpecialPath {
  kind: "minimal";
}

/** Each workspace root, or the same place below each. Receivers also take `current_working_directory` for this kind. */
export interface ProjectRootsSpecialPath {
  kind: "project_roots";
  /** Relative native path below each root. Absent, null or empty: the roots themselves. */
  subpath?: string | null;
}

/** The folder that `TMPDIR` names, if it names one. */
export interface TmpdirSpecialPath {
  kind: "tmpdir";
}

/** The folder `/tmp` on POSIX systems; nothing on Windows. */
export interface SlashTmpSpecialPath {
  kind: "slash_tmp";
}

/** A place that the writer of a configuration knew and this release does not. It grants nothing and is kept as it is. */
export interface UnknownSpecialPath {
  kind: "unknown";
  /** The token as it was configured, such as `:future_place`. */
  path: string;
  subpath?: string | null;
}

/** A place known by its meaning instead of its path. */
export type FileSystemSpecialPath =
  | RootSpecialPath
  | MinimalSpecialPath
  | ProjectRootsSpecialPath
  | TmpdirSpecialPath
  | SlashTmpSpecialPath
  | UnknownSpecialPath;

/** A literal path and everything below it. */
export interface FileSystemLiteralPath {
  type: "path";
  /** Absolute `file:` URI, in the convention of the machine that enforces the profile. */
  path: PathUriText;
}

/** Every path that a pattern matches. Only a `deny` entry gives it an effect. */
export interface FileSystemGlobPattern {
  type: "glob_pattern";
  /** Git-style pattern in native text: absolute, starting with `~/`, or relative to the policy's directory. */
  pattern: string;
}

/** A place that the enforcing machine looks up by its meaning. */
export interface FileSystemSymbolicPath {
  type: "special";
  value: FileSystemSpecialPath;
}

/** What an entry is about. */
export type FileSystemPath = FileSystemLiteralPath | FileSystemGlobPattern | FileSystemSymbolicPath;

/** What to do about an entry whose path does not exist. */
export type MissingPathBehavior = "skip";

/** One rule: a place and the access to it. */
export interface FileSystemSandboxEntry {
  path: FileSystemPath;
  access: FileSystemAccessMode;
  /** `skip` drops the entry where its path does not exist. Absent or null: the entry stands. */
  missing_path_behavior?: MissingPathBehavior | null;
}

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
