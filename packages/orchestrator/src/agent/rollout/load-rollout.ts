import type { ThreadTokenUsage, TurnError } from "@holdfast/app-server-protocol";
import { isRecord } from "../../steps/is-record.ts";
import type { ResponseItem } from "../model/response-item.ts";
import { HISTORY_MAX_BYTES, PREVIEW_MAX_CHARACTERS } from "./limits.ts";
import { withoutOpenCalls } from "./open-calls.ts";
import { isItemEvent, itemOfRecord, textOfInput } from "./record-item.ts";
import { RolloutError } from "./rollout-error.ts";
import type { WrittenRecord } from "./rollout-record.ts";
import { type PlacedRecord, type RolloutRecordsOptions, rolloutRecords } from "./rollout-records.ts";
import { readAppliedSettings, readTurnContext, type StoredSettings } from "./settings-record.ts";
import type { ThreadMeta } from "./thread-meta.ts";
import { readTokenCount } from "./token-usage-record.ts";
import { TurnIndex } from "./turn-index.ts";

/** A thread, as its file has it. */
export interface LoadedRollout {
  readonly path: string;
  readonly meta: ThreadMeta;
  /** The conversation, as it is sent to a model. */
  readonly history: ResponseItem[];
  readonly index: TurnIndex;
  readonly settings: StoredSettings;
  readonly usage: ThreadTokenUsage | undefined;
  /** How often the conversation was made shorter. */
  readonly compactions: number;
  /** First words of the user. */
  readonly preview: string;
  /** Of the next record. Undefined: records of this file have none. */
  readonly nextOrdinal: number | undefined;
}

/**
 * Read the file of a thread, and those of the threads that it begins with.
 *
 * @throws RolloutError - It is no file of a thread, or has no such turn.
 * @throws Error - A file can not be read.
 */
export async function loadRollout(
  path: string,
  options: Omit<RolloutRecordsOptions, "onMeta">,
): Promise<LoadedRollout> {
  const fold = new Fold();
  let meta: ThreadMeta | undefined;
  const onMeta = (read: ThreadMeta): void => {
    meta = read;
  };
  for await (const placed of rolloutRecords(path, { ...options, onMeta })) fold.take(placed);
  if (meta === undefined) throw new RolloutError(`rollout at ${path} is empty`);
  fold.endOpenTurns();
  return {
    path,
    meta,
    history: withoutOpenCalls(fold.history),
    index: fold.index,
    settings: fold.settings,
    usage: fold.usage,
    compactions: fold.compactions,
    preview: fold.preview,
    nextOrdinal: meta.historyMode === "paginated" ? fold.nextOrdinal : undefined,
  };
}

/** What the records of a thread come to. */
class Fold {
  history: ResponseItem[] = [];
  readonly index = new TurnIndex();
  settings: StoredSettings = {};
  usage: ThreadTokenUsage | undefined;
  preview = "";
  compactions = 0;
  /** The first line says what the thread is. */
  nextOrdinal = 1;
  #historyBytes = 0;
  #records = 0;
  #turnId: string | undefined;
  #error: TurnError | null = null;

  take(placed: PlacedRecord): void {
    const { record, line } = placed;
    this.#records += 1;
    this.nextOrdinal = Math.max(this.nextOrdinal, (record.ordinal ?? -1) + 1);
    const { type, payload } = record;
    switch (type) {
      case "response_item":
        this.#bound(line.length);
        if (typeof payload.type === "string") this.history.push(plainItem(payload as ResponseItem));
        break;
      case "compacted":
        this.#compact(payload, line.length);
        break;
      case "turn_context":
        this.settings = { ...this.settings, ...readTurnContext(payload) };
        break;
      case "event_msg":
        this.#event(placed);
        break;
    }
  }

  /** A turn whose end is not on record was interrupted by the end of the program. */
  endOpenTurns(): void {
    for (const turn of this.index.turns) if (turn.status === "inProgress") turn.status = "interrupted";
    this.#turnId = undefined;
  }

  #bound(bytes: number): void {
    this.#historyBytes += bytes;
    if (this.#historyBytes > HISTORY_MAX_BYTES) {
      throw new RolloutError(`the conversation is larger than ${HISTORY_MAX_BYTES} bytes: start a new thread`);
    }
  }

  #compact({ message, replacement_history: items }: WrittenRecord["payload"], bytes: number): void {
    this.#historyBytes = bytes;
    this.compactions += 1;
    if (Array.isArray(items)) {
      this.history = items
        .filter((item) => isRecord(item) && typeof item.type === "string")
        .map((item) => plainItem(item as ResponseItem));
      return;
    }
    const said = this.history.filter(({ type, role }) => type === "message" && role === "user");
    const content = [{ type: "input_text", text: String(message ?? "") }];
    this.history = [...said, { type: "message", role: "user", content }];
  }

  #event(placed: PlacedRecord): void {
    const { payload, time } = placed.record;
    switch (payload.type) {
      case "task_started":
      case "turn_started":
        this.#turnId = String(payload.turn_id ?? `turn-${this.#records}`);
        this.#error = null;
        this.index.begin(this.#turnId, secondsOf(payload.started_at, time));
        return;
      case "task_complete":
      case "turn_complete":
        this.#end(payload, time, this.#error === null ? "completed" : "failed");
        return;
      case "turn_aborted":
        this.#end(payload, time, "interrupted");
        return;
      case "error":
        this.#error = {
          message: String(payload.message ?? ""),
          codexErrorInfo: (payload.codex_error_info ?? null) as never,
          additionalDetails: null,
        };
        return;
      case "token_count":
        this.usage = readTokenCount(payload) ?? this.usage;
        return;
      case "thread_settings_applied":
        this.settings = { ...this.settings, ...readAppliedSettings(payload) };
        return;
    }
    if (isItemEvent(payload.type, placed.isPaginated)) this.#item(placed);
  }

  #end(payload: WrittenRecord["payload"], time: number, status: "completed" | "failed" | "interrupted"): void {
    const id = typeof payload.turn_id === "string" ? payload.turn_id : this.#turnId;
    const turn = id === undefined ? undefined : this.index.get(id);
    if (turn === undefined) return;
    turn.status = status;
    turn.error = status === "failed" ? this.#error : null;
    turn.startedAt ??= typeof payload.started_at === "number" ? payload.started_at : null;
    turn.completedAt = secondsOf(payload.completed_at, time);
    turn.durationMs = typeof payload.duration_ms === "number" ? payload.duration_ms : null;
    this.#error = null;
  }

  #item({ record, line, path }: PlacedRecord): void {
    const found = itemOfRecord(record, this.#records, record.time);
    if (found === undefined) return;
    const { item } = found;
    // Files of old releases may have no turns.
    if (item.type === "userMessage" && this.#turnId === undefined) this.#turnId = `turn-${this.#records}`;
    const turnId = found.turnId ?? this.#turnId;
    if (turnId === undefined) return;
    if (this.index.get(turnId) === undefined) this.index.begin(turnId, secondsOf(undefined, record.time));
    const { startedAtMs = null, completedAtMs = null } = item;
    const place = { path, offset: line.offset, length: line.length };
    this.index.add({ id: item.id, type: item.type, turnId, startedAtMs, completedAtMs, place });
    if (item.type === "userMessage" && this.preview === "") {
      this.preview = previewOf((item as { readonly content: unknown }).content);
    }
  }
}

/** The first words of a thread, from what the user has said. */
export function previewOf(content: unknown): string {
  return textOfInput(content).slice(0, PREVIEW_MAX_CHARACTERS);
}

/** What other programs keep beside an item is nothing for a model. */
function plainItem({ internal_chat_message_metadata_passthrough: _, ...item }: ResponseItem): ResponseItem {
  return item as ResponseItem;
}

const MS_PER_SECOND = 1_000;

function secondsOf(value: unknown, time: number): number | null {
  if (typeof value === "number") return value;
  return time === 0 ? null : Math.floor(time / MS_PER_SECOND);
}
