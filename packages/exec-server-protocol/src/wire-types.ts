export type {
  CapabilitiesDiscoverV2Params,
  CapabilitiesDiscoverV2Result,
  CapabilityRoot,
  CapabilityRootFinding,
  CapabilityRootsDiscoverV1Params,
  CapabilityRootsDiscoverV1Result,
} from "./types/capability-discovery.ts";
export type {
  EnvironmentInfo,
  EnvironmentInfoResult,
  EnvironmentShell,
  EnvironmentStatus,
  EnvironmentStatusResult,
  ExecutorCapabilities,
} from "./types/environment.ts";
export type {
  ConfigLayers,
  EnvironmentConfigReadParams,
  EnvironmentConfigReadResult,
} from "./types/environment-config.ts";
export type {
  FsCanonicalizeParams,
  FsCanonicalizeResult,
  FsGetMetadataParams,
  FsGetMetadataResult,
  FsReadFileParams,
  FsReadFileResult,
  FsWriteFileParams,
  FsWriteFileResult,
} from "./types/fs-content.ts";
export type {
  FsCloseParams,
  FsCloseResult,
  FsOpenMode,
  FsOpenParams,
  FsOpenResult,
  FsReadBlockParams,
  FsReadBlockResult,
  FsWriteBlockParams,
  FsWriteBlockResult,
} from "./types/fs-handles.ts";
export type {
  FsCopyParams,
  FsCopyResult,
  FsCreateDirectoryParams,
  FsCreateDirectoryResult,
  FsDirectoryEntry,
  FsReadDirectoryParams,
  FsReadDirectoryResult,
  FsRemoveParams,
  FsRemoveResult,
} from "./types/fs-tree.ts";
export type {
  FsWalkEntry,
  FsWalkEntryKind,
  FsWalkError,
  FsWalkOptions,
  FsWalkParams,
  FsWalkResult,
} from "./types/fs-walk.ts";
export type {
  FsMissingChangedNotice,
  FsWatchMissingParams,
  FsWatchMissingResult,
} from "./types/fs-watch.ts";
export type {
  InitializeParams,
  InitializeResult,
} from "./types/handshake.ts";
export type {
  HttpRedirectPolicy,
  HttpRequestBodyDeltaNotice,
  HttpRequestHeader,
  HttpRequestParams,
  HttpRequestResult,
  HttpResponseHeader,
} from "./types/http.ts";
export type {
  EmptyResult,
  JsonObject,
} from "./types/json.ts";
export type {
  NetworkAccessRequest,
  NetworkPolicyDecision,
  NetworkPolicyDecisionNotice,
  NetworkPolicyDecisionType,
  NetworkPolicyRequestParams,
  NetworkPolicyRequestResult,
  NetworkProtocol,
} from "./types/network-review.ts";
export type {
  EnvironmentInherit,
  EnvironmentPolicy,
  StringMap,
} from "./types/process-environment.ts";
export type {
  ProcessOutputChunk,
  ProcessOutputStream,
  ProcessReadParams,
  ProcessReadResult,
  ProcessSignal,
  ProcessSignalParams,
  ProcessSignalResult,
  ProcessTerminateParams,
  ProcessTerminateResult,
  ProcessWriteParams,
  ProcessWriteResult,
  ProcessWriteStatus,
} from "./types/process-io.ts";
export type {
  ProcessClosedNotice,
  ProcessExitedNotice,
  ProcessOutputNotice,
} from "./types/process-notices.ts";
export type {
  DomainPolicy,
  ManagedNetwork,
  NetworkProxyAuditMetadata,
  NetworkProxyLaunch,
  ProcessMetadata,
  ProcessStartParams,
  ProcessStartResult,
  SandboxType,
  ShellSnapshot,
  SnapshotShell,
} from "./types/process-start.ts";
export type {
  ProcessStartErrorData,
  ProcessStartErrorKind,
  ProcessStartErrorMember,
} from "./types/process-start-error.ts";
export type {
  HoldfastAddStagedParams,
  HoldfastAddStagedResult,
  HoldfastCommitStagedParams,
  HoldfastCommitStagedResult,
  HoldfastCopyStagedParams,
  HoldfastCopyStagedResult,
  HoldfastDiscardStagedParams,
  HoldfastDiscardStagedResult,
  HoldfastFolderMode,
  HoldfastPutStagedParams,
  HoldfastPutStagedResult,
  HoldfastStagedEntry,
  HoldfastStageFileParams,
  HoldfastStageFileResult,
  HoldfastStageFolderParams,
  HoldfastStageFolderResult,
  HoldfastStagingProblem,
  HoldfastWriteStagedParams,
  HoldfastWriteStagedResult,
} from "./types/staging.ts";
