import type { RolloutRecord } from "../rollout/rollout-record.ts";
import type { ActiveTurn } from "./active-turn.ts";

/** The start of a turn. @param startedAt - Unix seconds. */
export function turnStartRecord(turnId: string, startedAt: number): RolloutRecord {
  return event({
    type: "task_started",
    turn_id: turnId,
    root_turn_id: turnId,
    started_at: startedAt,
    model_context_window: null,
    collaboration_mode_kind: "default",
  });
}

/** The end of a turn, with what it came to. */
export function turnEndRecord({ entry, lastMessage }: ActiveTurn): RolloutRecord {
  const { id, status, startedAt, completedAt, durationMs } = entry;
  const times = { started_at: startedAt, completed_at: completedAt, duration_ms: durationMs };
  if (status === "interrupted") {
    return event({ type: "turn_aborted", turn_id: id, root_turn_id: id, reason: "interrupted", ...times });
  }
  const message = lastMessage === undefined ? null : (lastMessage as { readonly text?: string }).text;
  return event({
    type: "task_complete",
    turn_id: id,
    root_turn_id: id,
    last_agent_message: message ?? null,
    ...times,
  });
}

function event(payload: RolloutRecord["payload"]): RolloutRecord {
  return { type: "event_msg", payload };
}
