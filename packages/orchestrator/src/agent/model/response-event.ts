import type { ResponseItem } from "./response-item.ts";

/** What one response has cost, in tokens. */
export interface ModelUsage {
  readonly inputTokens: number;
  readonly cachedInputTokens: number;
  readonly cacheWriteInputTokens: number;
  readonly outputTokens: number;
  readonly reasoningOutputTokens: number;
  readonly totalTokens: number;
}

/** What happens in a response, as far as anybody looks at it. Only `done` counts for the conversation: the others are for those who watch. */
export type ResponseEvent =
  | { readonly type: "added" | "done"; readonly item: ResponseItem }
  | { readonly type: "text"; readonly delta: string }
  | { readonly type: "summary-part"; readonly index: number }
  | { readonly type: "summary-text"; readonly index: number; readonly delta: string }
  | { readonly type: "reasoning-text"; readonly index: number; readonly delta: string }
  /** The last one. */
  | { readonly type: "completed"; readonly usage: ModelUsage; readonly goesOn: boolean };
