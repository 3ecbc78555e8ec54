import type { ServerNotices } from "../gen/stub-types.gen.ts";

/** The notifications that are about one turn. */
export const TURN_NOTICES = [
  "turn/started",
  "item/started",
  "item/agentMessage/delta",
  "item/plan/delta",
  "item/reasoning/summaryPartAdded",
  "item/reasoning/summaryTextDelta",
  "item/reasoning/textDelta",
  "item/commandExecution/outputDelta",
  "item/commandExecution/terminalInteraction",
  "item/fileChange/outputDelta",
  "item/fileChange/patchUpdated",
  "item/mcpToolCall/progress",
  "item/autoApprovalReview/started",
  "item/autoApprovalReview/completed",
  "autoApprovalReview/strictReviewRequired",
  "item/completed",
  "hook/started",
  "hook/completed",
  "turn/plan/updated",
  "turn/diff/updated",
  "turn/moderationMetadata",
  "thread/compacted",
  "thread/tokenUsage/updated",
  "model/rerouted",
  "model/verification",
  "model/safetyBuffering/updated",
  "error",
  "turn/completed",
] as const satisfies readonly (keyof ServerNotices)[];

export type TurnNotice = (typeof TURN_NOTICES)[number];

/** One notification about a turn, as the wire has it: narrow it by `method`. */
export type RunEvent = {
  [Method in TurnNotice]: {
    readonly method: Method;
    readonly params: ServerNotices[Method];
    /** Milliseconds since 1970 on the server's clock; undefined from releases before 0.169. */
    readonly emittedAtMs: number | undefined;
  };
}[TurnNotice];

/** @returns undefined for a hook that runs outside of any turn. */
export function turnIdOf(event: RunEvent): string | undefined {
  const { params } = event;
  return "turn" in params ? params.turn.id : (params.turnId ?? undefined);
}
