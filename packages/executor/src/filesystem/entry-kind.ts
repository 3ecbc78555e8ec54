import type { Dirent, StatsBase } from "node:fs";

/** What has a name in a folder. */
export type EntryKind =
  | "file"
  | "directory"
  | "symlink"
  | "fifo"
  | "socket"
  | "characterDevice"
  | "blockDevice"
  | "unknown";

type Kinds = Pick<StatsBase<bigint> | Dirent<Buffer>, "isFile" | "isDirectory" | "isSymbolicLink" | "isFIFO"> &
  Pick<StatsBase<bigint> | Dirent<Buffer>, "isSocket" | "isCharacterDevice" | "isBlockDevice">;

export function kindOf(found: Kinds): EntryKind {
  if (found.isFile()) return "file";
  if (found.isDirectory()) return "directory";
  if (found.isSymbolicLink()) return "symlink";
  if (found.isFIFO()) return "fifo";
  if (found.isSocket()) return "socket";
  if (found.isCharacterDevice()) return "characterDevice";
  return found.isBlockDevice() ? "blockDevice" : "unknown";
}
