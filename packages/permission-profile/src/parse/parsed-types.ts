import type { PathUri } from "@holdfast/path-uri";
import type {
  FileSystemAccessMode,
  FileSystemGlobPattern,
  FileSystemSymbolicPath,
  MissingPathBehavior,
} from "../types/file-system.ts";
import type {
  DisabledPermissionProfile,
  ExternalPermissionProfile,
  NetworkSandboxPolicy,
} from "../types/permission-profile.ts";
import type {
  SandboxOverride,
  WindowsSandboxLevel,
  WindowsSandboxProxySettingsMode,
} from "../types/sandbox-context.ts";

/*
 * What the parsers give: as on the wire, with canonical paths. The compiler compares these with what the schemas give.
 */

/** A `FileSystemSandboxEntry` whose literal path is a canonical `PathUri`. */
export interface ParsedFileSystemSandboxEntry {
  path: { type: "path"; path: PathUri } | FileSystemGlobPattern | FileSystemSymbolicPath;
  access: FileSystemAccessMode;
  missing_path_behavior?: MissingPathBehavior | null;
}

/** A `FileSystemPermissions` section whose literal paths are canonical `PathUri`s. */
export type ParsedFileSystemPermissions =
  | { type: "restricted"; entries: ParsedFileSystemSandboxEntry[]; glob_scan_max_depth?: number | null }
  | { type: "unrestricted" };

/** A `PermissionProfile` whose paths are canonical `PathUri`s and whose aliases are resolved. */
export type ParsedPermissionProfile =
  | { type: "managed"; file_system: ParsedFileSystemPermissions; network: NetworkSandboxPolicy }
  | DisabledPermissionProfile
  | ExternalPermissionProfile;

/** A `FileSystemSandboxContext` whose paths are canonical `PathUri`s and whose aliases are resolved. */
export interface ParsedFileSystemSandboxContext {
  permissions: ParsedPermissionProfile;
  cwd?: PathUri | null;
  workspaceRoots?: PathUri[];
  policyContext?: { cwd?: PathUri | null; workspaceRoots?: PathUri[] } | null;
  userHomeDir?: PathUri | null;
  temporaryDirectories?: PathUri[] | null;
  windowsSandboxLevel: WindowsSandboxLevel;
  windowsSandboxPrivateDesktop?: boolean | null;
  windowsSandboxProxySettingsMode?: WindowsSandboxProxySettingsMode | null;
  sandboxOverride?: SandboxOverride;
  useLegacyLandlock?: boolean;
}
