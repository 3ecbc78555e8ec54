import * as protocol from "@holdfast/exec-server-protocol";
import { describe, expect, test } from "vitest";

const ALL = ["InvalidRequest", "NotFound", "InternalError"];

describe("what peers can see", () => {
  test("is this table of methods", () => {
    const rows = Object.entries(protocol.METHODS).map(([name, { kind, from, family, since, params, result }]) =>
      [name, kind, from, family ?? "-", since, params ?? "-", result ?? "-"].join(" | "),
    );
    expect(rows).toEqual([
      "initialize | request | client | - | 0.142 | InitializeParams | InitializeResult",
      "initialized | notice | client | - | 0.142 | - | -",
      "process/start | request | client | exec | 0.142 | ProcessStartParams | ProcessStartResult",
      "process/read | request | client | exec | 0.142 | ProcessReadParams | ProcessReadResult",
      "process/write | request | client | exec | 0.142 | ProcessWriteParams | ProcessWriteResult",
      "process/signal | request | client | exec | 0.142 | ProcessSignalParams | ProcessSignalResult",
      "process/terminate | request | client | exec | 0.142 | ProcessTerminateParams | ProcessTerminateResult",
      "process/output | notice | server | - | 0.142 | ProcessOutputNotice | -",
      "process/exited | notice | server | - | 0.142 | ProcessExitedNotice | -",
      "process/closed | notice | server | - | 0.142 | ProcessClosedNotice | -",
      "environment/info | request | client | environment info | 0.142 | - | EnvironmentInfo",
      "environment/status | request | client | environment status | 0.150 | - | EnvironmentStatusResult",
      "environmentConfig/read | request | client | environment config | 0.150 | EnvironmentConfigReadParams | EnvironmentConfigReadResult",
      "capabilityRoots/discoverV1 | request | client | capability discovery | 0.150 | CapabilityRootsDiscoverV1Params | CapabilityRootsDiscoverV1Result",
      "capabilities/discoverV2 | request | client | capability discovery | 0.169 | CapabilitiesDiscoverV2Params | CapabilitiesDiscoverV2Result",
      "fs/readFile | request | client | filesystem | 0.142 | FsReadFileParams | FsReadFileResult",
      "fs/writeFile | request | client | filesystem | 0.142 | FsWriteFileParams | FsWriteFileResult",
      "fs/createDirectory | request | client | filesystem | 0.142 | FsCreateDirectoryParams | FsCreateDirectoryResult",
      "fs/getMetadata | request | client | filesystem | 0.142 | FsGetMetadataParams | FsGetMetadataResult",
      "fs/canonicalize | request | client | filesystem | 0.142 | FsCanonicalizeParams | FsCanonicalizeResult",
      "fs/readDirectory | request | client | filesystem | 0.142 | FsReadDirectoryParams | FsReadDirectoryResult",
      "fs/remove | request | client | filesystem | 0.142 | FsRemoveParams | FsRemoveResult",
      "fs/copy | request | client | filesystem | 0.142 | FsCopyParams | FsCopyResult",
      "fs/walk | request | client | filesystem | 0.144 | FsWalkParams | FsWalkResult",
      "fs/open | request | client | filesystem | 0.142 | FsOpenParams | FsOpenResult",
      "fs/readBlock | request | client | filesystem | 0.142 | FsReadBlockParams | FsReadBlockResult",
      "fs/writeBlock | request | client | filesystem | 0.169 | FsWriteBlockParams | FsWriteBlockResult",
      "fs/close | request | client | filesystem | 0.142 | FsCloseParams | FsCloseResult",
      "fs/watchMissing | request | client | filesystem | 0.169 | FsWatchMissingParams | FsWatchMissingResult",
      "fs/missingChanged | notice | server | - | 0.169 | FsMissingChangedNotice | -",
      "http/request | request | client | http | 0.142 | HttpRequestParams | HttpRequestResult",
      "http/request/bodyDelta | notice | server | - | 0.142 | HttpRequestBodyDeltaNotice | -",
      "network/policyRequest | request | server | - | 0.150 | NetworkPolicyRequestParams | NetworkPolicyRequestResult",
      "network/policyDecision | notice | server | - | 0.150 | NetworkPolicyDecisionNotice | -",
      "holdfast/holdOutput | request | client | exec | holdfast | HoldfastHoldOutputParams | HoldfastHoldOutputResult",
      "holdfast/closeStdin | request | client | exec | holdfast | HoldfastCloseStdinParams | HoldfastCloseStdinResult",
      "holdfast/signalProcess | request | client | exec | holdfast | HoldfastSignalProcessParams | HoldfastSignalProcessResult",
      "holdfast/resizeTerminal | request | client | exec | holdfast | HoldfastResizeTerminalParams | HoldfastResizeTerminalResult",
      "holdfast/endProcess | request | client | exec | holdfast | HoldfastEndProcessParams | HoldfastEndProcessResult",
      "holdfast/listProcesses | request | client | exec | holdfast | HoldfastListProcessesParams | HoldfastListProcessesResult",
      "holdfast/openConnection | request | client | exec | holdfast | HoldfastOpenConnectionParams | HoldfastOpenConnectionResult",
      "holdfast/openSocket | request | client | exec | holdfast | HoldfastOpenSocketParams | HoldfastOpenSocketResult",
      "holdfast/listen | request | client | exec | holdfast | HoldfastListenParams | HoldfastListenResult",
      "holdfast/acceptConnection | request | client | exec | holdfast | HoldfastAcceptConnectionParams | HoldfastAcceptConnectionResult",
      "holdfast/closeListener | request | client | exec | holdfast | HoldfastCloseListenerParams | HoldfastCloseListenerResult",
      "holdfast/readShared | request | client | exec | holdfast | HoldfastReadSharedParams | HoldfastReadSharedResult",
      "holdfast/listShared | request | client | exec | holdfast | HoldfastListSharedParams | HoldfastListSharedResult",
      "holdfast/signalShared | request | client | exec | holdfast | HoldfastSignalSharedParams | HoldfastSignalSharedResult",
      "holdfast/takeInput | request | client | exec | holdfast | HoldfastTakeInputParams | HoldfastTakeInputResult",
      "holdfast/giveInput | request | client | exec | holdfast | HoldfastGiveInputParams | HoldfastGiveInputResult",
      "holdfast/writeShared | request | client | exec | holdfast | HoldfastWriteSharedParams | HoldfastWriteSharedResult",
      "holdfast/resizeShared | request | client | exec | holdfast | HoldfastResizeSharedParams | HoldfastResizeSharedResult",
      "holdfast/awaitInput | request | client | exec | holdfast | HoldfastAwaitInputParams | HoldfastAwaitInputResult",
      "holdfast/stageFile | request | client | filesystem | holdfast | HoldfastStageFileParams | HoldfastStageFileResult",
      "holdfast/stageFolder | request | client | filesystem | holdfast | HoldfastStageFolderParams | HoldfastStageFolderResult",
      "holdfast/writeStaged | request | client | filesystem | holdfast | HoldfastWriteStagedParams | HoldfastWriteStagedResult",
      "holdfast/addStaged | request | client | filesystem | holdfast | HoldfastAddStagedParams | HoldfastAddStagedResult",
      "holdfast/putStaged | request | client | filesystem | holdfast | HoldfastPutStagedParams | HoldfastPutStagedResult",
      "holdfast/copyStaged | request | client | filesystem | holdfast | HoldfastCopyStagedParams | HoldfastCopyStagedResult",
      "holdfast/commitStaged | request | client | filesystem | holdfast | HoldfastCommitStagedParams | HoldfastCommitStagedResult",
      "holdfast/discardStaged | request | client | filesystem | holdfast | HoldfastDiscardStagedParams | HoldfastDiscardStagedResult",
      "holdfast/extractStaged | request | client | filesystem | holdfast | HoldfastExtractStagedParams | HoldfastExtractStagedResult",
      "holdfast/openArchive | request | client | filesystem | holdfast | HoldfastOpenArchiveParams | HoldfastOpenArchiveResult",
      "holdfast/readArchive | request | client | filesystem | holdfast | HoldfastReadArchiveParams | HoldfastReadArchiveResult",
      "holdfast/closeArchive | request | client | filesystem | holdfast | HoldfastCloseArchiveParams | HoldfastCloseArchiveResult",
      "holdfast/listTree | request | client | filesystem | holdfast | HoldfastListTreeParams | HoldfastListTreeResult",
      "holdfast/digestFiles | request | client | filesystem | holdfast | HoldfastDigestFilesParams | HoldfastDigestFilesResult",
      "holdfast/removeEntries | request | client | filesystem | holdfast | HoldfastRemoveEntriesParams | HoldfastRemoveEntriesResult",
      "holdfast/statEntry | request | client | filesystem | holdfast | HoldfastStatEntryParams | HoldfastStatEntryResult",
      "holdfast/readLink | request | client | filesystem | holdfast | HoldfastReadLinkParams | HoldfastReadLinkResult",
      "holdfast/makeLink | request | client | filesystem | holdfast | HoldfastMakeLinkParams | HoldfastMakeLinkResult",
      "holdfast/rename | request | client | filesystem | holdfast | HoldfastRenameParams | HoldfastRenameResult",
      "holdfast/setAttributes | request | client | filesystem | holdfast | HoldfastSetAttributesParams | HoldfastSetAttributesResult",
      "holdfast/appendFile | request | client | filesystem | holdfast | HoldfastAppendFileParams | HoldfastAppendFileResult",
      "holdfast/writeFile | request | client | filesystem | holdfast | HoldfastWriteFileParams | HoldfastWriteFileResult",
      "holdfast/makeTemporaryFolder | request | client | filesystem | holdfast | HoldfastMakeTemporaryFolderParams | HoldfastMakeTemporaryFolderResult",
      "holdfast/findFiles | request | client | filesystem | holdfast | HoldfastFindFilesParams | HoldfastFindFilesResult",
      "holdfast/searchText | request | client | filesystem | holdfast | HoldfastSearchTextParams | HoldfastSearchTextResult",
      "holdfast/watch | request | client | filesystem | holdfast | HoldfastWatchParams | HoldfastWatchResult",
      "holdfast/unwatch | request | client | filesystem | holdfast | HoldfastUnwatchParams | HoldfastUnwatchResult",
      "holdfast/watchEvents | notice | server | - | holdfast | HoldfastWatchEventsNotice | -",
    ]);
  });

  test("is these refusals", () => {
    expect(protocol.METHODS.initialize.errors).toEqual(["InvalidRequest", "SessionAttached"]);
    expect(protocol.METHODS["fs/remove"].errors).toEqual(ALL);
    expect(protocol.METHODS["process/terminate"].errors).toEqual([]);
  });

  test("is these codes, and -32600 to -32000 have one name each", () => {
    expect(protocol.ERROR_CODES).toEqual({
      InvalidRequest: -32600,
      MethodNotFound: -32601,
      InvalidParams: -32602,
      InternalError: -32603,
      NotFound: -32004,
      SessionAttached: -32010,
      TransportClosed: -32000,
    });
    for (const [name, code] of Object.entries(protocol.ERROR_CODES)) {
      expect(protocol.ERRORS[name as protocol.ErrorName].code).toBe(code);
      expect(protocol.errorNameOf(code)).toBe(name);
    }
    expect(protocol.errorNameOf(-1)).toBeUndefined();
  });

  test("is these limits", () => {
    const limits = Object.entries(protocol).filter(
      ([, value]) => typeof value === "number" || typeof value === "bigint",
    );
    expect(Object.fromEntries(limits)).toEqual({
      ACCEPTS_MAX: 64,
      ACCEPT_WAIT_MAX_MS: 30_000,
      ARCHIVES_MAX: 8,
      ARCHIVE_BLOCK_BYTES: 1_048_576,
      ARCHIVE_ID_MAX_BYTES: 64,
      ARCHIVE_NAMES_MAX: 65_536,
      ARCHIVE_WINDOW_BYTES: 16_777_216,
      CLOSED_CONNECTIONS_MAX: 4_096,
      CLOSED_CONNECTIONS_MAX_BYTES: 67_108_864,
      CLOSED_PROCESS_RETENTION_MS: 80_000,
      DETACHED_SESSION_TTL_MS: 80_000,
      DIGEST_RANGES_MAX: 4_096,
      END_GRACE_MAX_MS: 30_000,
      DIGEST_RANGE_MAX_BYTES: 268_435_456,
      FILE_BLOCK_MAX_BYTES: 1_048_576,
      FILE_HANDLES_MAX: 128,
      FILE_HANDLE_ID_MAX_BYTES: 32,
      FRAME_MAX_BYTES: 16_777_216,
      HTTP_BODY_DELTA_MAX_BYTES: 1_048_576,
      HTTP_QUEUED_BODY_MAX_BYTES: 16_777_216,
      HTTP_REDIRECTS_MAX: 10,
      ID_MAX: 9223372036854775807n,
      ID_MIN: -9223372036854775808n,
      KEPT_STAGE_TTL_MS: 86_400_000,
      LEGACY_DETACHED_SESSION_TTL_MS: 30_000,
      CONNECTIONS_MAX: 256,
      LISTED_ARGV_MAX_CHARACTERS: 1_024,
      LISTED_CHARACTERS_MAX: 1_048_576,
      SHARED_WAIT_MAX_MS: 10_000,
      LISTED_PROCESSES_MAX: 4_096,
      LISTENERS_MAX: 32,
      LISTENER_WAITING_MAX: 256,
      MALFORMED_ID: -1,
      MESSAGE_MAX_BYTES: 67_108_864,
      MESSAGE_MAX_DEPTH: 127,
      MESSAGE_MAX_JSON_VALUES: 262_144,
      NOTICE_MAX_BYTES: 1_900_000,
      OUTPUT_CHUNK_MAX_BYTES: 8_192,
      PENDING_CALLS_MAX: 1_024,
      PTY_COLUMNS: 80,
      PTY_ROWS: 24,
      READ_FILE_MAX_BYTES: 536_870_912,
      REMEMBERED_WRITE_IDS: 4_096,
      REORDER_MAX_BYTES: 1_048_576,
      REORDER_MAX_EVENTS: 256,
      RETAINED_OUTPUT_MAX_BYTES: 1_048_576,
      RETAINED_OUTPUT_MAX_CHUNKS: 50_000,
      REVIEW_HOST_MAX_BYTES: 253,
      REVIEW_OUTSTANDING_MAX: 256,
      REVIEW_PROCESS_ID_MAX_BYTES: 256,
      REVIEW_REASON_MAX_BYTES: 1_024,
      STAGED_ENTRIES_MAX: 4_096,
      STAGED_FOLDER_MODES_MAX: 65_536,
      STAGED_MAX: 128,
      STAGE_ID_MAX_BYTES: 64,
      STAGE_KEY_MAX_BYTES: 64,
      STDIN_QUEUE_MAX_WRITES: 128,
      TREE_ENTRIES_MAX: 32_768,
      TREE_NAMES_MAX_BYTES: 4_194_304,
      TREE_PATTERNS_MAX: 1_024,
      TREE_PATTERN_MAX_BYTES: 4_096,
      WALK_ITEM_COST_BYTES: 64,
      WALK_MAX_DEPTH: 64,
      WALK_MAX_DIRECTORIES: 10_000,
      WALK_MAX_ENTRIES: 50_000,
      WALK_RESPONSE_MAX_BYTES: 4_194_304,
      FIND_PAGE_MAX_ENTRIES: 8_192,
      SEARCH_FILE_DEFAULT_BYTES: 4_194_304,
      SEARCH_FILE_MAX_BYTES: 67_108_864,
      SEARCH_PAGE_MAX_MATCHES: 1_024,
      SEARCH_PATTERN_MAX_CHARACTERS: 4_096,
      WATCHES_MAX: 32,
      WATCH_ID_MAX_BYTES: 64,
      WATCH_MAX_FOLDERS: 8_192,
      WATCH_MAX_WAITING_EVENTS: 8_192,
      WATCH_MISSING_MAX_PATHS: 64,
      WATCH_NOTICE_MAX_EVENTS: 1_024,
      WATCH_WINDOW_MS: 50,
    });
  });

  test("has a row for a method and none for a name that objects have by nature", () => {
    expect(protocol.methodRow("fs/walk")).toMatchObject({ since: "0.144" });
    for (const name of ["", "toString", "__proto__", "constructor", "fs/walk "])
      expect(protocol.methodRow(name)).toBeUndefined();
  });
});
