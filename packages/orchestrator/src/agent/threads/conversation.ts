import type { ThreadItem, ThreadTokenUsage } from "@holdfast/app-server-protocol";
import type { ResponseItem } from "../model/response-item.ts";
import { previewOf } from "../rollout/load-rollout.ts";
import type { RolloutRecord } from "../rollout/rollout-record.ts";
import { RolloutChangedError } from "../rollout/rollout-writer.ts";
import { appliedSettingsRecord, turnContextRecord } from "../rollout/settings-record.ts";
import type { ThreadMeta } from "../rollout/thread-meta.ts";
import { tokenCountRecord } from "../rollout/token-usage-record.ts";
import { TurnIndex } from "../rollout/turn-index.ts";
import type { ThreadLog } from "./thread-log.ts";
import type { FullSettings } from "./thread-settings.ts";
import { turnStartRecord } from "./turn-records.ts";

/** What a conversation begins with. */
export interface ConversationStart {
  /** Where it is kept. Undefined: nowhere. */
  readonly log: ThreadLog | undefined;
  readonly preview?: string | undefined;
  readonly history?: readonly ResponseItem[] | undefined;
  readonly index?: TurnIndex | undefined;
  readonly usage?: ThreadTokenUsage | undefined;
  /** How often it was made shorter. */
  readonly compactions?: number | undefined;
}

/** What was said and done in a thread. It is written down first, where the thread is kept: what throws has not happened. */
export class Conversation {
  readonly threadId: string;
  readonly log: ThreadLog | undefined;
  readonly index: TurnIndex;
  #history: ResponseItem[];
  #usage: ThreadTokenUsage | undefined;
  #compactions: number;
  #preview: string;
  /** As the first line of the file says them. */
  readonly #firstInstructions: ThreadMeta["baseInstructions"];
  #keptSettings: FullSettings | undefined;
  #isStale = false;

  constructor({ id, baseInstructions }: Pick<ThreadMeta, "id" | "baseInstructions">, start: ConversationStart) {
    this.threadId = id;
    this.#firstInstructions = baseInstructions;
    this.log = start.log;
    this.index = start.index ?? new TurnIndex();
    this.#history = [...(start.history ?? [])];
    this.#usage = start.usage;
    this.#compactions = start.compactions ?? 0;
    this.#preview = start.preview ?? "";
  }

  /** As it is sent to a model. */
  get history(): readonly ResponseItem[] {
    return this.#history;
  }

  get usage(): ThreadTokenUsage | undefined {
    return this.#usage;
  }

  get compactions(): number {
    return this.#compactions;
  }

  /** The beginning of what was said first. */
  get preview(): string {
    return this.#preview;
  }

  /** Another program has written to its file: it has to be loaded anew. */
  get isStale(): boolean {
    return this.#isStale;
  }

  record(items: readonly ResponseItem[]): void {
    this.keep(items.map((payload) => ({ type: "response_item", payload })));
    this.#history.push(...items);
  }

  /** Put a shorter one in the place of the whole. @param message - The summary. */
  shorten(message: string, history: readonly ResponseItem[]): void {
    this.keep([{ type: "compacted", payload: { message, replacement_history: history } }]);
    this.#history = [...history];
    this.#compactions += 1;
  }

  /** @param startedAt - Unix seconds. */
  beginTurn(turnId: string, startedAt: number, settings: FullSettings): void {
    this.keep([
      turnStartRecord(turnId, startedAt),
      turnContextRecord(turnId, settings),
      ...this.#settingsToKeep(settings),
    ]);
  }

  /** Of a turn. @param times - Of its start and its end, in milliseconds since 1970. */
  addItem(turnId: string, item: ThreadItem, times: readonly [number, number]): void {
    const { id, type } = item;
    if (item.type === "userMessage" && this.#preview === "") {
      this.#preview = previewOf((item as { readonly content: unknown }).content);
    }
    const place = this.log?.appendItem(this.threadId, turnId, item, times);
    if (place === undefined) return;
    const [startedAtMs, completedAtMs] = times;
    this.index.add({ id, type, turnId, startedAtMs, completedAtMs, place });
  }

  countTokens(usage: ThreadTokenUsage): void {
    this.#usage = usage;
    this.keep([tokenCountRecord(usage)]);
  }

  keepSettings(settings: FullSettings): void {
    this.keep(this.#settingsToKeep(settings));
  }

  keep(records: readonly RolloutRecord[]): void {
    try {
      this.log?.append(records);
    } catch (error) {
      if (error instanceof RolloutChangedError) this.#isStale = true;
      throw error;
    }
  }

  /** What holds, where the file does not say so yet: other programs go by that, and not by what held for a turn. */
  #settingsToKeep(settings: FullSettings): readonly RolloutRecord[] {
    if (this.#keptSettings === settings) return [];
    this.#keptSettings = settings;
    // What the first line says is not said again.
    const { baseInstructions } = settings;
    const own = { baseInstructions: baseInstructions === this.#firstInstructions ? undefined : baseInstructions };
    return [appliedSettingsRecord(this.threadId, { ...settings, ...own })];
  }
}
