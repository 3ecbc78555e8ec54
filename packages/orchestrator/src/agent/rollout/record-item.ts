import type { ThreadItem } from "@holdfast/app-server-protocol";
import { isRecord } from "../../steps/is-record.ts";
import { itemFromRecord } from "./item-record.ts";
import type { RolloutRecord } from "./rollout-record.ts";

/** Of which turn an item is, and the item. */
export interface RecordedItem {
  /** Undefined: of the turn that was running. */
  readonly turnId: string | undefined;
  readonly item: ThreadItem;
}

/** Types of events that stand for an item. */
const ITEM_EVENTS = new Set([
  "item_completed",
  "user_message",
  "agent_message",
  "agent_reasoning",
  "context_compacted",
]);

/** Whether an event stands for an item in a thread of this mode. */
export function isItemEvent(type: unknown, isPaginated: boolean): boolean {
  return type === "item_completed" || (!isPaginated && typeof type === "string" && ITEM_EVENTS.has(type));
}

/** The item that an event stands for. Undefined: it is of a kind that is not known here. @param ordinal - For ids that the record lacks. */
export function itemOfRecord({ payload }: RolloutRecord, ordinal: number, time: number): RecordedItem | undefined {
  const completedAtMs = numberOr(payload.completed_at_ms) ?? time;
  const times = { startedAtMs: numberOr(payload.started_at_ms) ?? completedAtMs, completedAtMs };
  const turnId = typeof payload.turn_id === "string" ? payload.turn_id : undefined;
  const record = payload.type === "item_completed" ? payload.item : legacyRecord(payload, `item-${ordinal}`);
  const item = itemFromRecord(record, times);
  return item === undefined ? undefined : { turnId, item };
}

function legacyRecord(payload: RolloutRecord["payload"], id: string): unknown {
  switch (payload.type) {
    case "user_message": {
      const images = Array.isArray(payload.images) ? payload.images : [];
      const localImages = Array.isArray(payload.local_images) ? payload.local_images : [];
      const content = [
        { type: "text", text: String(payload.message ?? ""), text_elements: payload.text_elements ?? [] },
        ...images.map((url: unknown) => ({ type: "image", image_url: String(url) })),
        ...localImages.map((path: unknown) => ({ type: "local_image", path: String(path) })),
      ];
      return { type: "UserMessage", id, client_id: payload.client_id ?? null, content };
    }
    case "agent_message":
      return { type: "AgentMessage", id, content: [{ text: String(payload.message ?? "") }], phase: payload.phase };
    case "agent_reasoning":
      return { type: "Reasoning", id, summary_text: [String(payload.text ?? "")], raw_content: [] };
    case "context_compacted":
      return { type: "ContextCompaction", id };
    default:
      return undefined;
  }
}

function numberOr(value: unknown): number | undefined {
  return typeof value === "number" ? value : undefined;
}

/** What an item of the user says, as text. */
export function textOfInput(content: unknown): string {
  if (!Array.isArray(content)) return "";
  return content
    .flatMap((part) => (isRecord(part) && part.type === "text" && typeof part.text === "string" ? [part.text] : []))
    .join("\n");
}
