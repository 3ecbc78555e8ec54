import { METHODS as HOLDFAST_METHODS } from "./holdfast-methods.ts";
import { exec, fs, type MethodRow, notice } from "./method-row.ts";

export type { MethodFamily, MethodRow } from "./method-row.ts";

/** Every method of the protocol, by wire name. */
export const METHODS = {
  initialize: {
    kind: "request",
    from: "client",
    params: "InitializeParams",
    result: "InitializeResult",
    family: null,
    since: "0.142",
    replay: "never",
    errors: ["InvalidRequest", "SessionAttached"],
  },
  initialized: {
    kind: "notice",
    from: "client",
    params: null,
    result: null,
    family: null,
    since: "0.142",
    replay: null,
    errors: [],
  },
  "process/start": exec("ProcessStartParams", "ProcessStartResult", "never", [
    "InvalidRequest",
    "InvalidParams",
    "InternalError",
  ]),
  "process/read": exec("ProcessReadParams", "ProcessReadResult", "always", ["InvalidRequest"]),
  // Numbered: an executor takes each writeId of a process once.
  "process/write": exec("ProcessWriteParams", "ProcessWriteResult", "always", ["InvalidParams", "InternalError"]),
  "process/signal": exec("ProcessSignalParams", "ProcessSignalResult", "never", ["InternalError"]),
  "process/terminate": exec("ProcessTerminateParams", "ProcessTerminateResult", "never", []),
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
    replay: "once",
    errors: [],
  },
  "environment/status": {
    kind: "request",
    from: "client",
    params: null,
    result: "EnvironmentStatusResult",
    family: "environment status",
    since: "0.150",
    replay: "once",
    errors: [],
  },
  "environmentConfig/read": {
    kind: "request",
    from: "client",
    params: "EnvironmentConfigReadParams",
    result: "EnvironmentConfigReadResult",
    family: "environment config",
    since: "0.150",
    replay: "never",
    errors: ["InvalidParams", "InternalError"],
  },
  "capabilityRoots/discoverV1": {
    kind: "request",
    from: "client",
    params: "CapabilityRootsDiscoverV1Params",
    result: "CapabilityRootsDiscoverV1Result",
    family: "capability discovery",
    since: "0.150",
    replay: "never",
    errors: ["InvalidParams", "InternalError"],
  },
  "capabilities/discoverV2": {
    kind: "request",
    from: "client",
    params: "CapabilitiesDiscoverV2Params",
    result: "CapabilitiesDiscoverV2Result",
    family: "capability discovery",
    since: "0.169",
    replay: "never",
    errors: ["InvalidParams", "InternalError"],
  },
  "fs/readFile": fs("FsReadFileParams", "FsReadFileResult", "once"),
  "fs/writeFile": fs("FsWriteFileParams", "FsWriteFileResult", "never"),
  "fs/createDirectory": fs("FsCreateDirectoryParams", "FsCreateDirectoryResult", "never"),
  "fs/getMetadata": fs("FsGetMetadataParams", "FsGetMetadataResult", "once"),
  "fs/canonicalize": fs("FsCanonicalizeParams", "FsCanonicalizeResult", "once"),
  "fs/readDirectory": fs("FsReadDirectoryParams", "FsReadDirectoryResult", "once"),
  "fs/remove": fs("FsRemoveParams", "FsRemoveResult", "never"),
  "fs/copy": fs("FsCopyParams", "FsCopyResult", "never"),
  "fs/walk": fs("FsWalkParams", "FsWalkResult", "once", "0.144"),
  "fs/open": fs("FsOpenParams", "FsOpenResult", "never"),
  "fs/readBlock": fs("FsReadBlockParams", "FsReadBlockResult", "never"),
  "fs/writeBlock": fs("FsWriteBlockParams", "FsWriteBlockResult", "never", "0.169"),
  "fs/close": fs("FsCloseParams", "FsCloseResult", "never"),
  "fs/watchMissing": fs("FsWatchMissingParams", "FsWatchMissingResult", "never", "0.169"),
  "fs/missingChanged": notice("FsMissingChangedNotice", "0.169"),
  "http/request": {
    kind: "request",
    from: "client",
    params: "HttpRequestParams",
    result: "HttpRequestResult",
    family: "http",
    since: "0.142",
    replay: "never",
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
    replay: "never",
    errors: [],
  },
  "network/policyDecision": notice("NetworkPolicyDecisionNotice", "0.150"),
  ...HOLDFAST_METHODS,
} as const satisfies Record<string, MethodRow>;

/** Wire name of a method. */
export type MethodName = keyof typeof METHODS;

/** The row of a method, or undefined for a name that this release does not know. */
export function methodRow(name: string): MethodRow | undefined {
  return Object.hasOwn(METHODS, name) ? METHODS[name as MethodName] : undefined;
}
