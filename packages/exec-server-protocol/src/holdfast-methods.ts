import { fs, type MethodRow } from "./method-row.ts";

/** The methods of this project's own, each behind a capability: a peer that lacks it never sees one. */
export const METHODS = {
  // Says what is to be, not what is to change.
  "holdfast/holdOutput": {
    kind: "request",
    from: "client",
    params: "HoldfastHoldOutputParams",
    result: "HoldfastHoldOutputResult",
    replay: "always",
    family: "exec",
    since: "holdfast",
    errors: ["InvalidRequest"],
  },
  // Named by an id of the client: done twice, they change nothing. A copy may be what breaks the line.
  "holdfast/stageFile": fs("HoldfastStageFileParams", "HoldfastStageFileResult", "always", "holdfast"),
  "holdfast/stageFolder": fs("HoldfastStageFolderParams", "HoldfastStageFolderResult", "always", "holdfast"),
  "holdfast/writeStaged": fs("HoldfastWriteStagedParams", "HoldfastWriteStagedResult", "always", "holdfast"),
  "holdfast/addStaged": fs("HoldfastAddStagedParams", "HoldfastAddStagedResult", "always", "holdfast"),
  "holdfast/putStaged": fs("HoldfastPutStagedParams", "HoldfastPutStagedResult", "always", "holdfast"),
  "holdfast/copyStaged": fs("HoldfastCopyStagedParams", "HoldfastCopyStagedResult", "once", "holdfast"),
  "holdfast/commitStaged": fs("HoldfastCommitStagedParams", "HoldfastCommitStagedResult", "always", "holdfast"),
  "holdfast/discardStaged": fs("HoldfastDiscardStagedParams", "HoldfastDiscardStagedResult", "always", "holdfast"),
} as const satisfies Record<string, MethodRow>;
