import { type PathUri, parsePathUri, pathUriFromNative } from "@holdfast/path-uri";
import {
  type FileSystemAccessMode,
  type FileSystemSpecialPath,
  type ParsedFileSystemSandboxEntry,
  type PolicyBinding,
  parsePermissionProfile,
  type RestrictedFileSystemPolicy,
} from "@holdfast/permission-profile";

/** The URI of an absolute POSIX path. */
export function posix(path: string): PathUri {
  return pathUriFromNative(path, "posix");
}

/** The URI of an absolute Windows path. */
export function windows(path: string): PathUri {
  return pathUriFromNative(path, "windows");
}

/** The URI of URI text. */
export function uri(text: string): PathUri {
  return parsePathUri(text);
}

/** An entry for a literal POSIX path. */
export function at(path: string, access: FileSystemAccessMode): ParsedFileSystemSandboxEntry {
  return { path: { type: "path", path: posix(path) }, access };
}

/** An entry for any literal path. */
export function literalEntry(path: PathUri, access: FileSystemAccessMode): ParsedFileSystemSandboxEntry {
  return { path: { type: "path", path }, access };
}

/** An entry for a symbolic place. */
export function special(value: FileSystemSpecialPath, access: FileSystemAccessMode): ParsedFileSystemSandboxEntry {
  return { path: { type: "special", value }, access };
}

/** An entry for the workspace roots or a place below them. */
export function roots(access: FileSystemAccessMode, subpath?: string): ParsedFileSystemSandboxEntry {
  return special(subpath === undefined ? { kind: "project_roots" } : { kind: "project_roots", subpath }, access);
}

/** An entry for a pattern. */
export function glob(pattern: string, access: FileSystemAccessMode = "deny"): ParsedFileSystemSandboxEntry {
  return { path: { type: "glob_pattern", pattern }, access };
}

export function root(access: FileSystemAccessMode) {
  return special({ kind: "root" }, access);
}

/** A policy with these entries. */
export function restricted(...entries: ParsedFileSystemSandboxEntry[]): RestrictedFileSystemPolicy {
  return { kind: "restricted", entries };
}

/** A managed profile with these entries and a closed network. */
export function managed(...entries: ParsedFileSystemSandboxEntry[]) {
  return parsePermissionProfile({
    type: "managed",
    network: "restricted",
    file_system: { type: "restricted", entries },
  });
}

/** A POSIX machine with its workspace at `/r`. */
export const posixBinding: PolicyBinding = {
  convention: "posix",
  cwd: posix("/r"),
  workspaceRoots: [posix("/r")],
  home: posix("/home/me"),
  tmpdir: [posix("/var/tmp/me")],
  slashTmp: posix("/tmp"),
};

/** A Windows machine with its workspace at `C:\r`. */
export const windowsBinding: PolicyBinding = {
  convention: "windows",
  cwd: windows("C:\\r"),
  workspaceRoots: [windows("C:\\r")],
  home: windows("C:\\Users\\me"),
  tmpdir: [windows("C:\\Temp")],
  slashTmp: undefined,
};
