import type { ThreadItem } from "@holdfast/app-server-protocol";
import { itemToRecord } from "../rollout/item-record.ts";
import type { RolloutRecord } from "../rollout/rollout-record.ts";
import { type RecordPlace, RolloutWriter } from "../rollout/rollout-writer.ts";
import { metaRecord, type ThreadMeta } from "../rollout/thread-meta.ts";

export interface ThreadLogOptions {
  /** Whether there is a file. */
  readonly exists: boolean;
  /** Of the next record of a file that is there. Undefined: its records have none. */
  readonly nextOrdinal: number | undefined;
  /** Keeps other programs from writing to it as well. Throws when one does. */
  readonly lock: () => Disposable;
  /** What keeps them from it already. Ended with the log. */
  readonly held?: Disposable | undefined;
}

/** The file of a thread, which is made when there is something to keep. */
export class ThreadLog implements Disposable {
  /** Native absolute path. */
  readonly path: string;
  readonly #meta: ThreadMeta;
  readonly #firstOrdinal: number | undefined;
  readonly #lock: () => Disposable;
  #held: Disposable | undefined;
  #writer: RolloutWriter | undefined;
  #exists: boolean;
  #isClosed = false;

  constructor(path: string, meta: ThreadMeta, options: ThreadLogOptions) {
    this.path = path;
    this.#meta = meta;
    this.#exists = options.exists;
    this.#firstOrdinal = options.exists ? options.nextOrdinal : 0;
    this.#lock = options.lock;
    this.#held = options.held;
  }

  /** Whether there is a file. */
  get exists(): boolean {
    return this.#exists;
  }

  /** Items are kept as such, and not as what was said. */
  get isPaginated(): boolean {
    return this.#meta.historyMode === "paginated";
  }

  #opened(): RolloutWriter {
    if (this.#writer !== undefined) return this.#writer;
    if (this.#isClosed) throw new Error(`the thread of ${this.path} is not loaded any more`);
    this.#held ??= this.#lock();
    const nextOrdinal = this.isPaginated ? this.#firstOrdinal : undefined;
    const writer = new RolloutWriter(this.path, { nextOrdinal });
    this.#writer = writer;
    if (!this.#exists) writer.append([metaRecord(this.#meta)], Date.now());
    this.#exists = true;
    return writer;
  }

  /** @throws Error - It can not be written, or another program has done so. */
  append(records: readonly RolloutRecord[]): readonly RecordPlace[] {
    return records.length === 0 ? [] : this.#opened().append(records, Date.now());
  }

  /** @returns where the item is kept. Undefined: items of its kind are not. */
  appendItem(
    threadId: string,
    turnId: string,
    item: ThreadItem,
    times: readonly [number, number],
  ): RecordPlace | undefined {
    const payload = this.isPaginated ? itemPayload(threadId, turnId, item, times) : legacyPayload(item);
    return payload === undefined ? undefined : this.append([{ type: "event_msg", payload }])[0];
  }

  [Symbol.dispose](): void {
    this.#isClosed = true;
    this.#writer?.[Symbol.dispose]();
    this.#held?.[Symbol.dispose]();
    this.#writer = undefined;
    this.#held = undefined;
  }
}

function itemPayload(
  threadId: string,
  turnId: string,
  item: ThreadItem,
  [startedAtMs, completedAtMs]: readonly [number, number],
): RolloutRecord["payload"] | undefined {
  const record = itemToRecord(item);
  if (record === undefined) return undefined;
  const times = { started_at_ms: startedAtMs, completed_at_ms: completedAtMs };
  return { type: "item_completed", thread_id: threadId, turn_id: turnId, item: record, ...times };
}

/** Old releases keep what was said, and nothing of what was done. */
function legacyPayload(item: ThreadItem): RolloutRecord["payload"] | undefined {
  const record = itemToRecord(item);
  switch (record?.type) {
    case "UserMessage": {
      const content = record.content as readonly Readonly<Record<string, unknown>>[];
      const of = (type: string) => content.filter((part) => part.type === type);
      return {
        type: "user_message",
        client_id: record.client_id,
        message: of("text")
          .map(({ text }) => text)
          .join("\n"),
        images: of("image").map(({ image_url: url }) => url),
        local_images: of("local_image").map(({ path }) => path),
        text_elements: of("text").flatMap(({ text_elements: elements }) => elements ?? []),
      };
    }
    case "AgentMessage": {
      const [{ text = "" } = {}] = record.content as readonly { readonly text?: string }[];
      return { type: "agent_message", message: text, phase: record.phase ?? null, memory_citation: null };
    }
    case "ContextCompaction":
      return { type: "context_compacted" };
    default:
      return undefined;
  }
}
