export type {
  Admission,
  AdmissionOptions,
  AdmissionVerdict,
  ConnectionEnds,
  SocketConnection,
} from "./admission/index.ts";
export { admissionOfOwnUser } from "./admission/own-user-alone.ts";
export { ownPlaces } from "./confinement/own-places.ts";
export { findLimitMeans } from "./control-groups/index.ts";
export { createExecutor, type Executor, type HandedDescriptors, type SuspendedExecutor } from "./create-executor.ts";
export { FIXED_LIMITS, type FixedLimit } from "./fixed-limits.ts";
export { type Guarded, guardianStatus, onGuardianNotice, type Unguarded } from "./guardian/index.ts";
export type { HandedState } from "./handed-state.ts";
export { HANDOVER_VERSION, READABLE_HANDOVER_VERSIONS, readHandOver } from "./handover-file.ts";
export { checkLimits, LIMIT_RANGES, type LimitRange } from "./limit-ranges.ts";
export { DEFAULT_LIMITS, type ExecutorLimits } from "./limits.ts";
export type { ExecutorOptions } from "./options.ts";
export { becomeProgram, leaveSignals, type NextProgram } from "./platform/become-program.ts";
export { canSendDatagrams, sendDatagram } from "./platform/datagram.ts";
export { duplicate } from "./platform/descriptors.ts";
export { reapOrphans } from "./platform/orphan-reaper.ts";
export { osErrorText } from "./platform/os-error.ts";
export { type Log, type LogFields, silentLog } from "./platform/ports.ts";
export { isGone, processIdentity } from "./platform/process-identity.ts";
export { type SocketName, socketName } from "./platform/socket-name.ts";
export { type EndedRun, runToEnd } from "./process/run-to-end.ts";
export { MIN_SPOOL_BYTES, type SpoolOptions } from "./spool/index.ts";
