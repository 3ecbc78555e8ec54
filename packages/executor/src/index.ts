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
export { createExecutor, type Executor } from "./create-executor.ts";
export { FIXED_LIMITS, type FixedLimit } from "./fixed-limits.ts";
export { type Guarded, guardianStatus, onGuardianNotice, type Unguarded } from "./guardian/index.ts";
export { checkLimits, LIMIT_RANGES, type LimitRange } from "./limit-ranges.ts";
export { DEFAULT_LIMITS, type ExecutorLimits } from "./limits.ts";
export type { ExecutorOptions } from "./options.ts";
export { canSendDatagrams, sendDatagram } from "./platform/datagram.ts";
export { reapOrphans } from "./platform/orphan-reaper.ts";
export type { Log, LogFields } from "./platform/ports.ts";
export { MIN_SPOOL_BYTES, type SpoolOptions } from "./spool/index.ts";
