import type { ThreadTokenUsage, TokenUsageBreakdown } from "@holdfast/app-server-protocol";
import type { ModelUsage } from "../model/response-event.ts";
import type { ResponseItem } from "../model/response-item.ts";

/** Bytes of JSON that count as a token, where nobody has counted them. */
const TOKEN_BYTES = 4;

const NONE: TokenUsageBreakdown = {
  totalTokens: 0,
  inputTokens: 0,
  cachedInputTokens: 0,
  cacheWriteInputTokens: 0,
  outputTokens: 0,
  reasoningOutputTokens: 0,
};

/** What a thread has cost so far. */
export class TokenCount {
  #total: TokenUsageBreakdown;
  #last: TokenUsageBreakdown;
  /** Entries of the conversation that `last` has counted. */
  #countedItems: number;

  /** @param before - What it was when the thread was kept. @param items - Entries of its conversation then. */
  constructor(before: ThreadTokenUsage | undefined, items: number) {
    this.#total = before?.total ?? NONE;
    this.#last = before?.last ?? NONE;
    this.#countedItems = before === undefined ? 0 : items;
  }

  usage(modelContextWindow: number): ThreadTokenUsage {
    return { total: this.#total, last: this.#last, modelContextWindow };
  }

  /** @param items - Entries of the conversation by now, with those of the response. */
  add(usage: ModelUsage, items: number): void {
    this.#last = usage;
    // Providers that do not count leave it to an estimate.
    this.#countedItems = usage.totalTokens > 0 ? items : 0;
    this.#total = sum(this.#total, usage);
  }

  /** The conversation is another one: how long that is, is an estimate. */
  replaced(history: readonly ResponseItem[]): void {
    this.#last = { ...NONE, totalTokens: tokensIn(history) };
    this.#countedItems = history.length;
  }

  /** Tokens of the conversation: as the last response counted them, and an estimate for what came since. */
  estimate(history: readonly ResponseItem[]): number {
    return this.#last.totalTokens + tokensIn(history.slice(this.#countedItems));
  }
}

function tokensIn(items: readonly ResponseItem[]): number {
  const bytes = items.reduce((sum, item) => sum + Buffer.byteLength(JSON.stringify(item)), 0);
  return Math.ceil(bytes / TOKEN_BYTES);
}

function sum(a: TokenUsageBreakdown, b: TokenUsageBreakdown): TokenUsageBreakdown {
  return {
    totalTokens: a.totalTokens + b.totalTokens,
    inputTokens: a.inputTokens + b.inputTokens,
    cachedInputTokens: a.cachedInputTokens + b.cachedInputTokens,
    cacheWriteInputTokens: (a.cacheWriteInputTokens ?? 0) + (b.cacheWriteInputTokens ?? 0),
    outputTokens: a.outputTokens + b.outputTokens,
    reasoningOutputTokens: a.reasoningOutputTokens + b.reasoningOutputTokens,
  };
}
