export type { FileSystemAccessMode } from "./file-system-access-mode.ts";
export type {
  FileSystemGlobPattern,
  FileSystemLiteralPath,
  FileSystemPath,
  FileSystemSymbolicPath,
} from "./file-system-path.ts";
export type {
  FileSystemPermissions,
  RestrictedFileSystemPermissions,
  UnrestrictedFileSystemPermissions,
} from "./file-system-permissions.ts";
export type {
  FileSystemPolicyContext,
  FileSystemSandboxContext,
  SandboxOverride,
  WindowsSandboxLevel,
  WindowsSandboxProxySettingsMode,
} from "./file-system-sandbox-context.ts";
export type { FileSystemSandboxEntry, MissingPathBehavior } from "./file-system-sandbox-entry.ts";
export type {
  FileSystemSpecialPath,
  MinimalSpecialPath,
  ProjectRootsSpecialPath,
  RootSpecialPath,
  SlashTmpSpecialPath,
  TmpdirSpecialPath,
  UnknownSpecialPath,
} from "./file-system-special-path.ts";
export type { NetworkSandboxPolicy } from "./network-sandbox-policy.ts";
export {
  type ParsedFileSystemSandboxContext,
  type ParsedPermissionProfile,
  parseFileSystemSandboxContext,
  parsePermissionProfile,
} from "./parse.ts";
export type {
  DisabledPermissionProfile,
  ExternalPermissionProfile,
  ManagedPermissionProfile,
  PermissionProfile,
} from "./permission-profile.ts";
export { isPermissionProfileError, PermissionProfileError } from "./permission-profile-error.ts";
export type {
  DangerFullAccessSandboxPolicy,
  ExternalSandboxPolicy,
  ReadOnlySandboxPolicy,
  SandboxPolicy,
  WorkspaceWriteSandboxPolicy,
} from "./sandbox-policy.ts";
