export {
  type AdditionalFileSystemPermissions,
  type AdditionalPermissions,
  applyAdditionalPermissions,
  mergeAdditionalPermissions,
  normalizeAdditionalPermissions,
  parseAdditionalPermissions,
} from "./combine/additional-permissions.ts";
export { canonicalProfile, profilesEqual } from "./combine/canonical-profile.ts";
export { intersectAdditionalPermissions, intersectFileSystemPolicies } from "./combine/intersect-permissions.ts";
export { preserveDenies } from "./combine/preserve-denies.ts";
export { MAX_GLOB_LENGTH, MAX_GLOB_SEGMENTS } from "./glob/glob-pattern.ts";
export { globOf, isRelativeGlob, WORKSPACE_GLOB_PREFIX } from "./glob/glob-start.ts";
export { type MatchingSteps, matchesWildcard } from "./glob/wildcard.ts";
export {
  compatibleSandboxPolicy,
  type LegacyTargetOptions,
  needsDirectEnforcement,
  sandboxPolicyFromProfile,
} from "./legacy/from-profile.ts";
export { parseSandboxPolicy, type SandboxPolicySpelling, sandboxPolicyToJson } from "./legacy/policy-json.ts";
export type {
  DangerFullAccessSandboxPolicy,
  ExternalSandboxPolicy,
  ReadOnlySandboxPolicy,
  SandboxPolicy,
  WorkspaceWriteSandboxPolicy,
} from "./legacy/sandbox-policy.ts";
export { type LegacyPolicyOptions, profileFromSandboxPolicy } from "./legacy/to-profile.ts";
export { MAX_ENTRIES } from "./parse/max-entries.ts";
export { parseFileSystemSandboxContext, parsePermissionProfile } from "./parse/parse.ts";
export type {
  ParsedFileSystemPermissions,
  ParsedFileSystemSandboxContext,
  ParsedFileSystemSandboxEntry,
  ParsedPermissionProfile,
} from "./parse/parsed-types.ts";
export { parseStoredPermissionProfile, type StoredProfileOptions } from "./parse/stored-profile.ts";
export { isPermissionProfileError, PermissionProfileError } from "./permission-profile-error.ts";
export {
  fullAccessProfile,
  type ReadOnlyProfileOptions,
  readOnlyProfile,
  type WorkspaceWriteProfileOptions,
  workspaceWriteProfile,
} from "./policy/built-in-profiles.ts";
export {
  ACCESS_STRENGTH,
  type ExternalFileSystemPolicy,
  type FileSystemPolicy,
  fileSystemPolicyOf,
  networkPolicyOf,
  PROTECTED_METADATA_NAMES,
  profileOf,
  type RestrictedFileSystemPolicy,
  type UnrestrictedFileSystemPolicy,
} from "./policy/file-system-policy.ts";
export {
  type ForeignPath,
  foreignPaths,
  hasFullDiskRead,
  hasFullDiskWrite,
  includesPlatformDefaults,
  isCwdDependent,
  needsPlatformSandbox,
  type PlatformSandboxOptions,
} from "./policy/policy-predicates.ts";
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
} from "./resolve/access-decision.ts";
export { type AccessResolver, accessOf, prepare } from "./resolve/access-resolver.ts";
export type { DenyGlob } from "./resolve/deny-globs.ts";
export { compileDenyMatcher, type DenyMatcher } from "./resolve/deny-matcher.ts";
export { materialize, materializeWorkspaceRoots } from "./resolve/materialize.ts";
export { type BindingHost, bindContext, type PolicyBinding } from "./resolve/policy-binding.ts";
export { deniedRoots, denyGlobs, readableRoots, type WritableRoot, writableRoots } from "./resolve/policy-roots.ts";
export { MAX_RESOLVED_ENTRIES, type ResolvedEntry, resolveEntries } from "./resolve/resolve-entries.ts";
export type {
  FileSystemAccessMode,
  FileSystemGlobPattern,
  FileSystemLiteralPath,
  FileSystemPath,
  FileSystemPermissions,
  FileSystemSandboxEntry,
  FileSystemSpecialPath,
  FileSystemSymbolicPath,
  MinimalSpecialPath,
  MissingPathBehavior,
  ProjectRootsSpecialPath,
  RestrictedFileSystemPermissions,
  RootSpecialPath,
  SlashTmpSpecialPath,
  TmpdirSpecialPath,
  UnknownSpecialPath,
  UnrestrictedFileSystemPermissions,
} from "./types/file-system.ts";
export type {
  DisabledPermissionProfile,
  ExternalPermissionProfile,
  ManagedPermissionProfile,
  NetworkSandboxPolicy,
  PermissionProfile,
} from "./types/permission-profile.ts";
export type {
  FileSystemPolicyContext,
  FileSystemSandboxContext,
  SandboxOverride,
  WindowsSandboxLevel,
  WindowsSandboxProxySettingsMode,
} from "./types/sandbox-context.ts";
