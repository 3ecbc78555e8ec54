import type { PathUri } from "@holdfast/path-uri";
import type { FileSystemSandboxContext } from "@holdfast/permission-profile";
import type { EmptyResult } from "./json.ts";

/** Reads a whole regular file of at most 512 MiB. */
export interface FsReadFileParams {
  path: PathUri;
  /** With these rights only. Absent or null: not confined. */
  sandbox?: FileSystemSandboxContext | null;
  /** False refuses every link on the way. Absent or null: true. Since 0.150. */
  followSymlinks?: boolean | null;
}

export interface FsReadFileResult {
  /**
   * The content in base64.
   *
   * @contentEncoding base64
   */
  dataBase64: string;
}

/** Creates a file or replaces its content in place. Its folder must exist. */
export interface FsWriteFileParams {
  path: PathUri;
  /**
   * The content in base64. The method itself refuses bad base64, with code -32600.
   *
   * @contentEncoding base64
   */
  dataBase64: string;
  sandbox?: FileSystemSandboxContext | null;
  /** False refuses every link on the way. Absent or null: true. Since 0.150. */
  followSymlinks?: boolean | null;
}

export type FsWriteFileResult = EmptyResult;

/** Reads kind, size and times. */
export interface FsGetMetadataParams {
  path: PathUri;
  sandbox?: FileSystemSandboxContext | null;
  /** False refuses every link on the way. Absent or null: true. Since 0.150. */
  followSymlinks?: boolean | null;
}

/** Of the target where the path is a link. Neither folder nor file: something else, such as a pipe. */
export interface FsGetMetadataResult {
  isDirectory: boolean;
  isFile: boolean;
  /** The path itself is a link. */
  isSymlink: boolean;
  /**
   * Bytes.
   *
   * @format uint64
   */
  size: number;
  /**
   * Milliseconds since 1970; 0 when unknown.
   *
   * @format int64
   */
  createdAtMs: number;
  /**
   * Milliseconds since 1970; 0 when unknown.
   *
   * @format int64
   */
  modifiedAtMs: number;
}

/** Resolves every link of a path that exists. */
export interface FsCanonicalizeParams {
  path: PathUri;
  sandbox?: FileSystemSandboxContext | null;
}

export interface FsCanonicalizeResult {
  path: PathUri;
}
