import type { PathUriText } from "@holdfast/path-uri";
import type { FileSystemSpecialPath } from "./file-system-special-path.ts";

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
