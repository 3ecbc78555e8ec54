import type { ErrorName } from "./errors.ts";

/** What the handshake gate calls a group of methods. */
export type MethodFamily =
  | "exec"
  | "filesystem"
  | "environment info"
  | "environment status"
  | "environment config"
  | "http"
  | "capability discovery";

/** One row of the method table. */
export interface MethodRow {
  /** `request` is answered, `notice` is not. */
  readonly kind: "request" | "notice";
  /** Who sends it. */
  readonly from: "client" | "server";
  /** Wire type of the params; null where there are none. */
  readonly params: string | null;
  /** Wire type of the result; null for notices. */
  readonly result: string | null;
  /** Needs a complete handshake, and is refused by this name without one. Null: part of the handshake, or from the server. */
  readonly family: MethodFamily | null;
  /** First release that knows it; `holdfast`: an extension of this project, behind a capability. */
  readonly since: string;
  /** What a request may be refused with, besides `InvalidRequest` by the handshake and `InvalidParams` by decoding. */
  readonly errors: readonly ErrorName[];
}

const FS_ERRORS = ["InvalidRequest", "NotFound", "InternalError"] as const;

function exec<Params extends string, Result extends string>(
  params: Params,
  result: Result,
  errors: readonly ErrorName[],
) {
  return { kind: "request", from: "client", params, result, family: "exec", since: "0.142", errors } as const;
}

function fs<Params extends string, Result extends string>(params: Params, result: Result, since = "0.142") {
  return { kind: "request", from: "client", params, result, family: "filesystem", since, errors: FS_ERRORS } as const;
}

function notice<Params extends string>(params: Params, since = "0.142") {
  return { kind: "notice", from: "server", params, result: null, family: null, since, errors: [] } as const;
}

/** Every method of the protocol, by wire name. */
export const METHODS = {
  initialize: {
    kind: "request",
    from: "client",
    params: "InitializeParams",
    result: "InitializeResult",
    family: null,
    since: "0.142",
    errors: ["InvalidRequest", "SessionAttached"],
  },
  initialized: { kind: "notice", from: "client", params: null, result: null, family: null, since: "0.142", errors: [] },
  "process/start": exec("ProcessStartParams", "ProcessStartResult", [
    "InvalidRequest",
    "InvalidParams",
    "InternalError",
  ]),
  "process/read": exec("ProcessReadParams", "ProcessReadResult", ["InvalidRequest"]),
  "process/write": exec("ProcessWriteParams", "ProcessWriteResult", ["InvalidParams", "InternalError"]),
  "process/signal": exec("ProcessSignalParams", "ProcessSignalResult", ["InternalError"]),
  "process/terminate": exec("ProcessTerminateParams", "ProcessTerminateResult", []),
  "process/output": notice("ProcessOutputNotice"),
  "process/exited": notice("ProcessExitedNotice"),
  "process/closed": notice("ProcessClosedNotice"),
  "environment/info": {
    kind: "request",
    from: "client",
    params: null,
    result: "EnvironmentInfo",
    family: "environment info",
    since: "0.142",
    errors: [],
  },
  "environment/status": {
    kind: "request",
    from: "client",
    params: null,
    result: "EnvironmentStatusResult",
    family: "environment status",
    since: "0.150",
    errors: [],
  },
  "environmentConfig/read": {
    kind: "request",
    from: "client",
    params: "EnvironmentConfigReadParams",
    result: "EnvironmentConfigReadResult",
    family: "environment config",
    since: "0.150",
    errors: ["InvalidParams", "InternalError"],
  },
  "capabilityRoots/discoverV1": {
    kind: "request",
    from: "client",
    params: "CapabilityRootsDiscoverV1Params",
    result: "CapabilityRootsDiscoverV1Result",
    family: "capability discovery",
    since: "0.150",
    errors: ["InvalidParams", "InternalError"],
  },
  "capabilities/discoverV2": {
    kind: "request",
    from: "client",
    params: "CapabilitiesDiscoverV2Params",
    result: "CapabilitiesDiscoverV2Result",
    family: "capability discovery",
    since: "0.169",
    errors: ["InvalidParams", "InternalError"],
  },
  "fs/readFile": fs("FsReadFileParams", "FsReadFileResult"),
  "fs/writeFile": fs("FsWriteFileParams", "FsWriteFileResult"),
  "fs/createDirectory": fs("FsCreateDirectoryParams", "FsCreateDirectoryResult"),
  "fs/getMetadata": fs("FsGetMetadataParams", "FsGetMetadataResult"),
  "fs/canonicalize": fs("FsCanonicalizeParams", "FsCanonicalizeResult"),
  "fs/readDirectory": fs("FsReadDirectoryParams", "FsReadDirectoryResult"),
  "fs/remove": fs("FsRemoveParams", "FsRemoveResult"),
  "fs/copy": fs("FsCopyParams", "FsCopyResult"),
  "fs/walk": fs("FsWalkParams", "FsWalkResult", "0.144"),
  "fs/open": fs("FsOpenParams", "FsOpenResult"),
  "fs/readBlock": fs("FsReadBlockParams", "FsReadBlockResult"),
  "fs/writeBlock": fs("FsWriteBlockParams", "FsWriteBlockResult", "0.169"),
  "fs/close": fs("FsCloseParams", "FsCloseResult"),
  "fs/watchMissing": fs("FsWatchMissingParams", "FsWatchMissingResult", "0.169"),
  "fs/missingChanged": notice("FsMissingChangedNotice", "0.169"),
  "http/request": {
    kind: "request",
    from: "client",
    params: "HttpRequestParams",
    result: "HttpRequestResult",
    family: "http",
    since: "0.142",
    errors: ["InvalidParams", "InternalError"],
  },
  "http/request/bodyDelta": notice("HttpRequestBodyDeltaNotice"),
  "network/policyRequest": {
    kind: "request",
    from: "server",
    params: "NetworkPolicyRequestParams",
    result: "NetworkPolicyRequestResult",
    family: null,
    since: "0.150",
    errors: [],
  },
  "network/policyDecision": notice("NetworkPolicyDecisionNotice", "0.150"),
  "holdfast/stageFile": fs("HoldfastStageFileParams", "HoldfastStageFileResult", "holdfast"),
  "holdfast/stageFolder": fs("HoldfastStageFolderParams", "HoldfastStageFolderResult", "holdfast"),
  "holdfast/writeStaged": fs("HoldfastWriteStagedParams", "HoldfastWriteStagedResult", "holdfast"),
  "holdfast/addStaged": fs("HoldfastAddStagedParams", "HoldfastAddStagedResult", "holdfast"),
  "holdfast/putStaged": fs("HoldfastPutStagedParams", "HoldfastPutStagedResult", "holdfast"),
  "holdfast/copyStaged": fs("HoldfastCopyStagedParams", "HoldfastCopyStagedResult", "holdfast"),
  "holdfast/commitStaged": fs("HoldfastCommitStagedParams", "HoldfastCommitStagedResult", "holdfast"),
  "holdfast/discardStaged": fs("HoldfastDiscardStagedParams", "HoldfastDiscardStagedResult", "holdfast"),
} as const satisfies Record<string, MethodRow>;

/** Wire name of a method. */
export type MethodName = keyof typeof METHODS;

/** The row of a method, or undefined for a name that this release does not know. */
export function methodRow(name: string): MethodRow | undefined {
  return Object.hasOwn(METHODS, name) ? METHODS[name as MethodName] : undefined;
}
