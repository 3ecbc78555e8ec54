export {
  parseToml,
  type TomlDocument,
  TomlError,
  type TomlPath,
  type TomlTable,
  type TomlValue,
} from "./config/toml-document.ts";
export {
  type ConfiguredEnvironments,
  configuredEnvironments,
  ENVIRONMENTS_FILE_NAME,
  type EnvironmentSources,
} from "./environments/configured-environments.ts";
export {
  type EnvironmentDefinition,
  LOCAL_ENVIRONMENT_ID,
  type ProgramEnvironment,
  REMOTE_ENVIRONMENT_ID,
  type ResolvedUrl,
  type TargetEnvironment,
  type UrlEnvironment,
  type UrlResolver,
} from "./environments/environment-definition.ts";
export { EnvironmentError, type EnvironmentErrorCode, isEnvironmentError } from "./environments/environment-error.ts";
export type { EnvironmentHandle } from "./environments/environment-handle.ts";
export {
  type EnvironmentListener,
  EnvironmentRegistry,
  type EnvironmentRegistryOptions,
  type PendingEnvironment,
} from "./environments/environment-registry.ts";
export {
  type EnvironmentEvent,
  type EnvironmentState,
  type EnvironmentStatus,
  type ReportedEnvironmentStatus,
  reportedStatus,
} from "./environments/environment-status.ts";
export { type AddEnvironmentOptions, addEnvironment } from "./environments/file/add-environment.ts";
export {
  type EnvironmentsFile,
  EnvironmentsFileError,
  parseEnvironmentsFile,
} from "./environments/file/environments-file.ts";
export type { NewEnvironment } from "./environments/file/environments-text.ts";
export { RegistryPlaces } from "./environments/registry-places.ts";
export { type AppliedPatch, type ApplyPatchOptions, applyPatch, type PatchChange } from "./patch/apply-patch.ts";
export { PATCH_MAX_BYTES } from "./patch/limits.ts";
export { parsePatch } from "./patch/parse-patch.ts";
export type { AddHunk, DeleteHunk, Patch, PatchChunk, PatchHunk, PatchLine, UpdateHunk } from "./patch/patch.ts";
export { isPatchError, PatchError, type PatchErrorCode, type PatchRemains } from "./patch/patch-error.ts";
export { patchTool } from "./patch/patch-tool.ts";
export { type DiscoveredPlugin, type DiscoveryRoot, discoverRoots, type RootFinding } from "./skills/discover-roots.ts";
export {
  type DiscoveredSkills,
  discoverSkills,
  type Skill,
  type SkillProblem,
  type SkillRoot,
  type SkillScope,
} from "./skills/discover-skills.ts";
export type { CapabilityFile, DiscoveryPlace } from "./skills/root-files.ts";
export type { SkillInterface, SkillMetadata, SkillToolDependency } from "./skills/skill-metadata.ts";
export { type SkillRootOptions, skillRoots } from "./skills/skill-roots.ts";
export {
  CAPABILITY_ROOTS_MEMBER,
  persistedCapabilityRoots,
  readCapabilityRoots,
  restoredCapabilityRoots,
  type SelectedCapabilityRoot,
} from "./steps/capability-roots.ts";
export { environmentContext } from "./steps/environment-context.ts";
export { checkSelections, defaultSelections, type EnvironmentSelection } from "./steps/environment-selection.ts";
export { type ResolvedCapabilityRoot, resolveCapabilityRoots, sameRoots } from "./steps/resolve-roots.ts";
export {
  type FailedEnvironment,
  type StepEnvironment,
  type StepPlace,
  type StepShell,
  StepSnapshot,
} from "./steps/step-snapshot.ts";
export {
  type CaptureOptions,
  ThreadEnvironments,
  type ThreadEnvironmentsOptions,
} from "./steps/thread-environments.ts";
export { fileTools } from "./tools/file-tools.ts";
export type { Tool, ToolCall, ToolContent, ToolResult, ToolSchema } from "./tools/tool.ts";
export type { ToolPlace, ToolPlaces } from "./tools/tool-places.ts";
export { AGENT_VARIABLES } from "./unified-exec/agent-variables.ts";
export type { ApprovalPolicy, GranularApproval } from "./unified-exec/approval-policy.ts";
export type { ApprovalDecision, ApprovalRequest, AskApproval, DeniedAttempt } from "./unified-exec/approvals.ts";
export type { ExecListener } from "./unified-exec/command-report.ts";
export type { ExecArguments, WriteArguments } from "./unified-exec/exec-arguments.ts";
export type { EnvironmentShell, ExecEnvironment, FindExecEnvironment } from "./unified-exec/exec-environment.ts";
export { ExecError, type ExecErrorCode } from "./unified-exec/exec-error.ts";
export type {
  ExecBegin,
  ExecEnd,
  ExecEvent,
  ExecExited,
  ExecInput,
  ExecOutput,
  ExecStarted,
} from "./unified-exec/exec-event.ts";
export { type ExecResult, resultText } from "./unified-exec/exec-result.ts";
export type { ExecSettings } from "./unified-exec/exec-settings.ts";
export { type ExecToolOptions, execTools } from "./unified-exec/exec-tools.ts";
export type { ProcessNumbering } from "./unified-exec/process-table.ts";
export { type StoredCommand, UnifiedExec, type UnifiedExecOptions } from "./unified-exec/unified-exec.ts";
