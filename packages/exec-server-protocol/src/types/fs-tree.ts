import type { PathUri } from "@holdfast/path-uri";
import type { FileSystemSandboxContext } from "@holdfast/permission-profile";
import type { EmptyResult } from "./json.ts";

/** Makes a folder. */
export interface FsCreateDirectoryParams {
  path: PathUri;
  /** Make missing parents, and accept a folder that exists. Absent or null: true. */
  recursive?: boolean | null;
  sandbox?: FileSystemSandboxContext | null;
  /** False refuses every link on the way. Absent or null: true. Since 0.150. */
  followSymlinks?: boolean | null;
}

export type FsCreateDirectoryResult = EmptyResult;

/** Lists a folder. */
export interface FsReadDirectoryParams {
  path: PathUri;
  sandbox?: FileSystemSandboxContext | null;
  /**
   * List links whose target is missing or can not be looked at as well, as neither file nor folder. Needs the capability `holdfastFiles`;
   * others leave them out. An extension of this project. Default false; null is refused.
   */
  holdfastDanglingLinks?: boolean;
}

export interface FsReadDirectoryResult {
  /** In no order. Links whose target is missing are left out, unless `holdfastDanglingLinks` asks for them. */
  entries: FsDirectoryEntry[];
}

/** Links count as their target. */
export interface FsDirectoryEntry {
  fileName: string;
  isDirectory: boolean;
  isFile: boolean;
}

/** Removes a file, a link (never its target) or a folder. */
export interface FsRemoveParams {
  path: PathUri;
  /** Remove a folder with all its content. Absent or null: TRUE. */
  recursive?: boolean | null;
  /** Accept that nothing is there. Absent or null: TRUE. */
  force?: boolean | null;
  sandbox?: FileSystemSandboxContext | null;
  /** False refuses every link on the way. Absent or null: true. Since 0.150. */
  followSymlinks?: boolean | null;
}

export type FsRemoveResult = EmptyResult;

/** Copies a file, a link as a link, or a folder. */
export interface FsCopyParams {
  sourcePath: PathUri;
  destinationPath: PathUri;
  /** Needed for a folder, which is merged into an existing one. */
  recursive: boolean;
  sandbox?: FileSystemSandboxContext | null;
}

export type FsCopyResult = EmptyResult;
