import { HEAD_MAX_BYTES } from "./limits.ts";
import { previewOf } from "./load-rollout.ts";
import { readLines } from "./read-lines.ts";
import { isItemEvent, itemOfRecord } from "./record-item.ts";
import { readRecord } from "./rollout-record.ts";
import { readTurnContext } from "./settings-record.ts";
import { META_TYPE, readMeta, type ThreadMeta } from "./thread-meta.ts";

/** What a list tells of a thread, from the start of its file. */
export interface RolloutHead {
  readonly meta: ThreadMeta;
  /** First words of the user. Empty: there are none yet. */
  readonly preview: string;
  readonly model: string | undefined;
}

/** Read the start of a file. Undefined: it is no file of a thread. @throws Error - It can not be read. */
export async function readHead(path: string): Promise<RolloutHead | undefined> {
  let meta: ThreadMeta | undefined;
  let model: string | undefined;
  for await (const line of readLines(path, { end: HEAD_MAX_BYTES })) {
    const record = readRecord(line.text);
    if (record === undefined) continue;
    const { type, payload } = record;
    if (meta === undefined) {
      meta = type === META_TYPE ? readMeta(payload) : undefined;
      if (meta === undefined) return undefined;
      continue;
    }
    if (type === "turn_context") model ??= readTurnContext(payload).model;
    if (type !== "event_msg" || !isItemEvent(payload.type, meta.historyMode === "paginated")) continue;
    const item = itemOfRecord(record, 0, record.time)?.item;
    if (item?.type === "userMessage") {
      return { meta, preview: previewOf((item as { readonly content: unknown }).content), model };
    }
  }
  return meta && { meta, preview: "", model };
}
