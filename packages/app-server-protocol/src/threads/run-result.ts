import type { ThreadItem, ThreadTokenUsage, TokenUsageBreakdown, Turn } from "../gen/types.gen.ts";
import { textLength } from "./text-length.ts";

/** What came of a turn that was completed, or interrupted by somebody else. */
export interface RunResult {
  readonly threadId: string;
  readonly turnId: string;
  /** `completed`, or `interrupted` when another client or an approval that was answered `cancel` ended it. */
  readonly status: Turn["status"];
  /** Text of the last message of the agent; undefined when there was none. */
  readonly finalMessage: string | undefined;
  /** Completed items of every kind, the user's message included, in order. */
  readonly items: readonly ThreadItem[];
  /** How many of the oldest items are left out of `items`, because of their size. */
  readonly omittedItems: number;
  /** Tokens of this turn; undefined when the server told nothing about them. */
  readonly usage: TokenUsageBreakdown | undefined;
  /** Tokens of the thread so far, and the size of the context. */
  readonly threadUsage: ThreadTokenUsage | undefined;
  /** Milliseconds, as the server measured it. */
  readonly durationMs: number | undefined;
}

/** Gathers the result of one turn. */
export class ResultBuilder {
  readonly #maxLength: number;
  readonly #items: { readonly item: ThreadItem; readonly length: number }[] = [];
  #length = 0;
  #omittedItems = 0;
  #finalMessage: string | undefined;
  #firstUsage: ThreadTokenUsage | undefined;
  #lastUsage: ThreadTokenUsage | undefined;

  constructor(maxLength: number) {
    this.#maxLength = maxLength;
  }

  item(item: ThreadItem): void {
    const length = textLength(item);
    this.#items.push({ item, length });
    this.#length += length;
    if (item.type === "agentMessage") this.#finalMessage = item.text;
    while (this.#length > this.#maxLength) {
      this.#length -= this.#items.shift()?.length ?? 0;
      this.#omittedItems++;
    }
  }

  usage(usage: ThreadTokenUsage): void {
    this.#firstUsage ??= usage;
    this.#lastUsage = usage;
  }

  build(threadId: string, turn: Turn): RunResult {
    return {
      threadId,
      turnId: turn.id,
      status: turn.status,
      // Newer servers repeat the last message at the end.
      finalMessage: this.#finalMessage ?? lastMessage(turn.items),
      items: this.#items.map(({ item }) => item),
      omittedItems: this.#omittedItems,
      usage: this.#turnUsage(),
      threadUsage: this.#lastUsage,
      durationMs: turn.durationMs ?? undefined,
    };
  }

  /** Totals count from the begin of the thread, and what was before this turn is known from its first response alone. */
  #turnUsage(): TokenUsageBreakdown | undefined {
    const [first, last] = [this.#firstUsage, this.#lastUsage];
    if (first === undefined || last === undefined) return undefined;
    const of = (member: keyof TokenUsageBreakdown): number =>
      (last.total[member] ?? 0) - (first.total[member] ?? 0) + (first.last[member] ?? 0);
    return {
      totalTokens: of("totalTokens"),
      inputTokens: of("inputTokens"),
      cachedInputTokens: of("cachedInputTokens"),
      ...(last.total.cacheWriteInputTokens !== undefined && { cacheWriteInputTokens: of("cacheWriteInputTokens") }),
      outputTokens: of("outputTokens"),
      reasoningOutputTokens: of("reasoningOutputTokens"),
    };
  }
}

function lastMessage(items: readonly ThreadItem[]): string | undefined {
  const message = items.findLast((item) => item.type === "agentMessage");
  return message?.type === "agentMessage" ? message.text : undefined;
}
