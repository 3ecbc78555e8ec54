export type { ManagedNetworkAccess, SandboxIntent } from "./intent.ts";
export type { LaunchPlan, PlannedDescriptor, ProxyRoute, SandboxType, SyntheticTarget } from "./launch-plan.ts";
export type {
  Bubblewrap,
  FileView,
  LinuxMeans,
  Machine,
  MacosMeans,
  PathKind,
  SandboxUnavailable,
} from "./machine.ts";
export { isSandboxError, SandboxError, type SandboxErrorCode } from "./sandbox-error.ts";
