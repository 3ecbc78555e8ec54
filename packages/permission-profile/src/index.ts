export type {
  AccessDecision,
  AccessRule,
  EntryRule,
  ForeignTargetRule,
  GlobRule,
  ProtectedMetadataRule,
  UnmatchedRule,
  UnusableGlobRule,
  WholeDiskRule,
} from "./access-decision.ts";
export { type AccessResolver, accessOf, prepare } from "./access-resolver.ts";
export {
  type AdditionalFileSystemPermissions,
  type AdditionalPermissions,
  applyAdditionalPermissions,
  mergeAdditionalPermissions,
  normalizeAdditionalPermissions,
  parseAdditionalPermissions,
} from "./additional-permissions.ts";
export {
  fullAccessProfile,
  type ReadOnlyProfileOptions,
  readOnlyProfile,
  type WorkspaceWriteProfileOptions,
  workspaceWriteProfile,
} from "./built-in-profiles.ts";
export { canonicalProfile, profilesEqual } from "./canonical-profile.ts";
export { type DenyGlob, WORKSPACE_GLOB_PREFIX } from "./deny-globs.ts";
export { compileDenyMatcher, type DenyMatcher } from "./deny-matcher.ts";
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
export {
  type ExternalFileSystemPolicy,
  type FileSystemPolicy,
  fileSystemPolicyOf,
  networkPolicyOf,
  profileOf,
  type RestrictedFileSystemPolicy,
  type UnrestrictedFileSystemPolicy,
} from "./file-system-policy.ts";
export type {
  FileSystemPolicyContext,
  FileSystemSandboxContext,
  SandboxOverride,
  WindowsSandboxLevel,
  WindowsSandboxProxySettingsMode,
} from "./file-system-sandbox-context.ts";
export type { FileSystemSandboxEntry, MissingPathBehavior } from "./file-system-sandbox-entry.ts";
export { MAX_ENTRIES } from "./file-system-schema.ts";
export type {
  FileSystemSpecialPath,
  MinimalSpecialPath,
  ProjectRootsSpecialPath,
  RootSpecialPath,
  SlashTmpSpecialPath,
  TmpdirSpecialPath,
  UnknownSpecialPath,
} from "./file-system-special-path.ts";
export { type ForeignPath, foreignPaths } from "./foreign-paths.ts";
export { MAX_GLOB_LENGTH, MAX_GLOB_SEGMENTS } from "./glob-pattern.ts";
export { intersectAdditionalPermissions, intersectFileSystemPolicies } from "./intersect-permissions.ts";
export {
  compatibleSandboxPolicy,
  type LegacyTargetOptions,
  needsDirectEnforcement,
  sandboxPolicyFromProfile,
} from "./legacy-from-profile.ts";
export { parseSandboxPolicy, type SandboxPolicySpelling, sandboxPolicyToJson } from "./legacy-policy-json.ts";
export { type LegacyPolicyOptions, profileFromSandboxPolicy } from "./legacy-to-profile.ts";
export { materialize, materializeWorkspaceRoots } from "./materialize.ts";
export type { NetworkSandboxPolicy } from "./network-sandbox-policy.ts";
export {
  type ParsedFileSystemSandboxContext,
  type ParsedPermissionProfile,
  parseFileSystemSandboxContext,
  parsePermissionProfile,
} from "./parse.ts";
export type { ParsedFileSystemPermissions, ParsedFileSystemSandboxEntry } from "./parsed-entry.ts";
export type {
  DisabledPermissionProfile,
  ExternalPermissionProfile,
  ManagedPermissionProfile,
  PermissionProfile,
} from "./permission-profile.ts";
export { isPermissionProfileError, PermissionProfileError } from "./permission-profile-error.ts";
export { type BindingHost, bindContext, type PolicyBinding } from "./policy-binding.ts";
export {
  hasFullDiskRead,
  hasFullDiskWrite,
  includesPlatformDefaults,
  isCwdDependent,
  needsPlatformSandbox,
  type PlatformSandboxOptions,
} from "./policy-predicates.ts";
export { deniedRoots, denyGlobs, readableRoots, type WritableRoot, writableRoots } from "./policy-roots.ts";
export { preserveDenies } from "./preserve-denies.ts";
export { PROTECTED_METADATA_NAMES } from "./protected-metadata.ts";
export { MAX_RESOLVED_ENTRIES, type ResolvedEntry, resolveEntries } from "./resolve-entries.ts";
export type {
  DangerFullAccessSandboxPolicy,
  ExternalSandboxPolicy,
  ReadOnlySandboxPolicy,
  SandboxPolicy,
  WorkspaceWriteSandboxPolicy,
} from "./sandbox-policy.ts";
export { parseStoredPermissionProfile, type StoredProfileOptions } from "./stored-profile.ts";
export { type MatchingSteps, matchesWildcard } from "./wildcard.ts";
