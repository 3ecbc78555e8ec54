export type { CommandLimitMeans, CommandLimits, GroupMeans, LimitMeans } from "./command-limits.ts";
export { type FinishedProcess, type OutputSection, wasDenied } from "./denial/was-denied.ts";
export { explain } from "./explain/explain.ts";
export type { DecidingRule, Explanation, MissingGrantRule, MountRule, NumberedEntry } from "./explain/explanation.ts";
export { type InitProgram, initImage, type ListenerMessage } from "./init/init-image.ts";
export {
  USER_REFUSALS,
  type UserProgram,
  type UserRefusal,
  type UserRefusalKind,
  userImage,
} from "./init/user-image.ts";
export type { ManagedNetworkAccess, SandboxIntent } from "./intent.ts";
export type {
  GroupSetting,
  LaunchPlan,
  MountProof,
  PinnedPlace,
  PlannedDescriptor,
  PlannedGroup,
  ProxyChannel,
  ProxyRoute,
  SandboxType,
  SyntheticTarget,
} from "./launch-plan.ts";
export {
  MAX_GLOB_MATCHES,
  MAX_GLOB_VISITS,
  MAX_MOUNTS,
  MAX_PROCESSES,
  MAX_SHARED_MEMORY_BYTES,
} from "./linux/limits.ts";
export type { Mount } from "./linux/mount-list.ts";
export type {
  Bubblewrap,
  FileFacts,
  FileIdentity,
  FileView,
  FolderEntry,
  LinuxMeans,
  Machine,
  MacosMeans,
  PathKind,
  SandboxUnavailable,
} from "./machine.ts";
export { narrowsNothing } from "./narrows-nothing.ts";
export { MAX_VARIABLES, plan } from "./plan.ts";
export { type ProbeOptions, probeMachine } from "./probe/probe-machine.ts";
export { realFiles } from "./probe/real-files.ts";
export { type ProgramCandidates, programCandidates, TOO_MANY_PATH_FOLDERS } from "./program-candidates.ts";
export type { Connect } from "./proxy/dial.ts";
export type { DomainPattern } from "./proxy/domain-pattern.ts";
export type { Resolve } from "./proxy/gate.ts";
export { createProxyBridge, type ListeningSocket, type ProxyBridge } from "./proxy/proxy-bridge.ts";
export { type NetworkProxyConfig, type NetworkProxyMode, parseNetworkProxyConfig } from "./proxy/proxy-config.ts";
export { isManagedNetworkVariable, managedNetworkVariableNames } from "./proxy/proxy-environment.ts";
export { DEFAULT_PROXY_LIMITS, type ProxyLimits } from "./proxy/proxy-limits.ts";
export { type NetworkProxy, type NetworkProxyOptions, startNetworkProxy } from "./proxy/start-network-proxy.ts";
export { isSandboxError, SandboxError, type SandboxErrorCode } from "./sandbox-error.ts";
export { seatbeltPlan } from "./seatbelt/seatbelt-plan.ts";
export { type SeccompOptions, seccompProgram } from "./seccomp/seccomp-program.ts";
export type { SeccompMode } from "./seccomp/seccomp-rules.ts";
export type { SeccompArch } from "./seccomp/syscall-numbers.ts";
export { windowsRefusal } from "./windows/windows-refusal.ts";
