import { exec, fs, type MethodRow, notice } from "./method-row.ts";

/** The methods of this project's own, each behind a capability: a peer that lacks it never sees one. */
export const METHODS = {
  // Says what is to be, not what is to change.
  "holdfast/holdOutput": exec(
    "HoldfastHoldOutputParams",
    "HoldfastHoldOutputResult",
    "always",
    ["InvalidRequest"],
    "holdfast",
  ),
  "holdfast/closeStdin": exec("HoldfastCloseStdinParams", "HoldfastCloseStdinResult", "always", [], "holdfast"),
  // Twice is not once: a program may count them.
  "holdfast/signalProcess": exec("HoldfastSignalProcessParams", "HoldfastSignalProcessResult", "never", [], "holdfast"),
  "holdfast/resizeTerminal": exec(
    "HoldfastResizeTerminalParams",
    "HoldfastResizeTerminalResult",
    "always",
    ["InvalidRequest", "InvalidParams"],
    "holdfast",
  ),
  "holdfast/listProcesses": exec(
    "HoldfastListProcessesParams",
    "HoldfastListProcessesResult",
    "always",
    ["InvalidRequest", "InvalidParams"],
    "holdfast",
  ),
  "holdfast/openConnection": exec(
    "HoldfastOpenConnectionParams",
    "HoldfastOpenConnectionResult",
    "never",
    ["InvalidRequest", "InvalidParams", "InternalError"],
    "holdfast",
  ),
  // Named by an id of the client: done twice, they change nothing. A copy may be what breaks the line.
  "holdfast/stageFile": fs("HoldfastStageFileParams", "HoldfastStageFileResult", "always", "holdfast"),
  "holdfast/stageFolder": fs("HoldfastStageFolderParams", "HoldfastStageFolderResult", "always", "holdfast"),
  "holdfast/writeStaged": fs("HoldfastWriteStagedParams", "HoldfastWriteStagedResult", "always", "holdfast"),
  "holdfast/addStaged": fs("HoldfastAddStagedParams", "HoldfastAddStagedResult", "always", "holdfast"),
  "holdfast/putStaged": fs("HoldfastPutStagedParams", "HoldfastPutStagedResult", "always", "holdfast"),
  "holdfast/copyStaged": fs("HoldfastCopyStagedParams", "HoldfastCopyStagedResult", "once", "holdfast"),
  "holdfast/commitStaged": fs("HoldfastCommitStagedParams", "HoldfastCommitStagedResult", "always", "holdfast"),
  "holdfast/discardStaged": fs("HoldfastDiscardStagedParams", "HoldfastDiscardStagedResult", "always", "holdfast"),
  // Blocks are known by their offsets: what was taken before is not taken again, and what was not confirmed is read again.
  "holdfast/extractStaged": fs("HoldfastExtractStagedParams", "HoldfastExtractStagedResult", "always", "holdfast"),
  "holdfast/openArchive": fs("HoldfastOpenArchiveParams", "HoldfastOpenArchiveResult", "always", "holdfast"),
  "holdfast/readArchive": fs("HoldfastReadArchiveParams", "HoldfastReadArchiveResult", "always", "holdfast"),
  "holdfast/closeArchive": fs("HoldfastCloseArchiveParams", "HoldfastCloseArchiveResult", "always", "holdfast"),
  "holdfast/listTree": fs("HoldfastListTreeParams", "HoldfastListTreeResult", "always", "holdfast"),
  "holdfast/digestFiles": fs("HoldfastDigestFilesParams", "HoldfastDigestFilesResult", "always", "holdfast"),
  "holdfast/removeEntries": fs("HoldfastRemoveEntriesParams", "HoldfastRemoveEntriesResult", "always", "holdfast"),
  "holdfast/statEntry": fs("HoldfastStatEntryParams", "HoldfastStatEntryResult", "always", "holdfast"),
  "holdfast/readLink": fs("HoldfastReadLinkParams", "HoldfastReadLinkResult", "always", "holdfast"),
  "holdfast/makeLink": fs("HoldfastMakeLinkParams", "HoldfastMakeLinkResult", "never", "holdfast"),
  "holdfast/rename": fs("HoldfastRenameParams", "HoldfastRenameResult", "never", "holdfast"),
  "holdfast/setAttributes": fs("HoldfastSetAttributesParams", "HoldfastSetAttributesResult", "never", "holdfast"),
  "holdfast/appendFile": fs("HoldfastAppendFileParams", "HoldfastAppendFileResult", "never", "holdfast"),
  "holdfast/writeFile": fs("HoldfastWriteFileParams", "HoldfastWriteFileResult", "never", "holdfast"),
  "holdfast/makeTemporaryFolder": fs(
    "HoldfastMakeTemporaryFolderParams",
    "HoldfastMakeTemporaryFolderResult",
    "never",
    "holdfast",
  ),
  // A page says where the next one begins: whoever asks again gets the same.
  "holdfast/findFiles": fs("HoldfastFindFilesParams", "HoldfastFindFilesResult", "always", "holdfast"),
  "holdfast/searchText": fs("HoldfastSearchTextParams", "HoldfastSearchTextResult", "always", "holdfast"),
  "holdfast/watch": fs("HoldfastWatchParams", "HoldfastWatchResult", "always", "holdfast"),
  "holdfast/unwatch": fs("HoldfastUnwatchParams", "HoldfastUnwatchResult", "always", "holdfast"),
  "holdfast/watchEvents": notice("HoldfastWatchEventsNotice", "holdfast"),
} as const satisfies Record<string, MethodRow>;
