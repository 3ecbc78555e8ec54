import type { PathUri } from "@holdfast/path-uri";
import type { FileSystemSandboxContext } from "@holdfast/permission-profile";

/** Lists a tree breadth first, sorted by name within a folder, without its root. Since 0.144. */
export interface FsWalkParams {
  path: PathUri;
  options: FsWalkOptions;
  sandbox?: FileSystemSandboxContext | null;
}

export interface FsWalkOptions {
  /**
   * 0 lists only what lies in the root. At most 64.
   *
   * @format uint64
   */
  maxDepth: number;
  /**
   * Folders to enter, the root included: 1 to 10,000.
   *
   * @format uint64
   */
  maxDirectories: number;
  /**
   * Entries to look at, listed or not: 1 to 50,000.
   *
   * @format uint64
   */
  maxEntries: number;
  /** List and enter links to folders. Links to files are never listed. */
  followDirectorySymlinks: boolean;
  /** List folders whose name begins with a dot, but do not enter them. Default false; null is refused. */
  pruneHiddenDirectories?: boolean;
  /**
   * List every symbolic link that is not followed, as `symlink`. Needs the capability `holdfastFiles`; others leave them out.
   * An extension of this project. Default false; null is refused.
   */
  holdfastSymlinks?: boolean;
}

export interface FsWalkResult {
  entries: FsWalkEntry[];
  /** What could not be read. The walk went on. */
  errors: FsWalkError[];
  /** A bound was reached; there may be more. */
  truncated: boolean;
}

export interface FsWalkEntry {
  path: PathUri;
  kind: FsWalkEntryKind;
}

/** `symlink` is told only to who asked for it, by `holdfastSymlinks`. */
export type FsWalkEntryKind = "file" | "directory" | "symlink";

export interface FsWalkError {
  path: PathUri;
  message: string;
}
