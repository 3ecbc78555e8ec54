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
