import { join, type PathUri } from "@holdfast/path-uri";
import type { ParsedFileSystemSandboxEntry, ParsedPermissionProfile } from "../parse/parsed-types.ts";
import type { FileSystemAccessMode, FileSystemSpecialPath } from "../types/file-system.ts";
import type { NetworkSandboxPolicy } from "../types/permission-profile.ts";
import { entryTarget } from "./entry-target.ts";
import { PROTECTED_METADATA_NAMES, profileOf } from "./file-system-policy.ts";

/** How {@link readOnlyProfile} may differ. */
export interface ReadOnlyProfileOptions {
  /** Default `restricted`. */
  readonly network?: NetworkSandboxPolicy | undefined;
}

/** How {@link workspaceWriteProfile} may differ. */
export interface WorkspaceWriteProfileOptions extends ReadOnlyProfileOptions {
  /** Writable in addition to the workspace. Default none. */
  readonly writableRoots?: readonly PathUri[] | undefined;
  /** Leave `/tmp` read-only. Default false. */
  readonly excludeSlashTmp?: boolean | undefined;
  /** Leave the temporary folders read-only. Default false. */
  readonly excludeTmpdir?: boolean | undefined;
}

/** Reading everywhere, writing nowhere. */
export function readOnlyProfile(options: ReadOnlyProfileOptions = {}): ParsedPermissionProfile {
  return profileOf(
    { kind: "restricted", entries: [special({ kind: "root" }, "read")] },
    options.network ?? "restricted",
  );
}

/** Reading everywhere, writing below the workspace roots and the temporary folders, but not into protected metadata. */
export function workspaceWriteProfile(options: WorkspaceWriteProfileOptions = {}): ParsedPermissionProfile {
  const { writableRoots = [], excludeSlashTmp = false, excludeTmpdir = false } = options;
  const entries = [
    special({ kind: "root" }, "read"),
    special({ kind: "project_roots" }, "write"),
    ...(excludeSlashTmp ? [] : [special({ kind: "slash_tmp" }, "write")]),
    ...(excludeTmpdir ? [] : [special({ kind: "tmpdir" }, "write")]),
    ...writableRoots.map((root) => literal(root, "write")),
  ];
  const protective = [
    ...PROTECTED_METADATA_NAMES.map((name) => special({ kind: "project_roots", subpath: name }, "read")),
    ...writableRoots.flatMap((root) => PROTECTED_METADATA_NAMES.map((name) => literal(join(root, name), "read"))),
  ];
  const all = withProtective(entries, protective.map(skipIfMissing));
  return profileOf({ kind: "restricted", entries: all }, options.network ?? "restricted");
}

/** No confinement. */
export function fullAccessProfile(): ParsedPermissionProfile {
  return { type: "disabled" };
}

/** Append the protective entries whose place no entry names yet. */
export function withProtective(
  entries: readonly ParsedFileSystemSandboxEntry[],
  protective: readonly ParsedFileSystemSandboxEntry[],
): ParsedFileSystemSandboxEntry[] {
  const byTarget = new Map(protective.map((entry) => [entryTarget(entry.path), entry]));
  for (const { path } of entries) byTarget.delete(entryTarget(path));
  return [...entries, ...byTarget.values()];
}

/** An entry for a literal path. */
export function literal(path: PathUri, access: FileSystemAccessMode): ParsedFileSystemSandboxEntry {
  return { path: { type: "path", path }, access };
}

/** The entry, dropped where its path does not exist. */
export function skipIfMissing(entry: ParsedFileSystemSandboxEntry): ParsedFileSystemSandboxEntry {
  return { ...entry, missing_path_behavior: "skip" };
}

function special(value: FileSystemSpecialPath, access: FileSystemAccessMode): ParsedFileSystemSandboxEntry {
  return { path: { type: "special", value }, access };
}
