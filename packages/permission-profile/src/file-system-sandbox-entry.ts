import type { FileSystemAccessMode } from "./file-system-access-mode.ts";
import type { FileSystemPath } from "./file-system-path.ts";

/** What to do about an entry whose path does not exist. */
export type MissingPathBehavior = "skip";

/** One rule: a place and the access to it. */
export interface FileSystemSandboxEntry {
  path: FileSystemPath;
  access: FileSystemAccessMode;
  /** `skip` drops the entry where its path does not exist. Absent or null: the entry stands. */
  missing_path_behavior?: MissingPathBehavior | null;
}
