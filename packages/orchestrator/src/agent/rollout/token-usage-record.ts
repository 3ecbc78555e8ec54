import type { ThreadTokenUsage, TokenUsageBreakdown } from "@holdfast/app-server-protocol";
import { isRecord } from "../../steps/is-record.ts";
import type { RolloutRecord } from "./rollout-record.ts";

/** Members of a count on the wire, and in a file. */
const MEMBERS = [
  ["inputTokens", "input_tokens"],
  ["cachedInputTokens", "cached_input_tokens"],
  ["cacheWriteInputTokens", "cache_write_input_tokens"],
  ["outputTokens", "output_tokens"],
  ["reasoningOutputTokens", "reasoning_output_tokens"],
  ["totalTokens", "total_tokens"],
] as const;

export function tokenCountRecord(usage: ThreadTokenUsage): RolloutRecord {
  const info = {
    total_token_usage: toRecord(usage.total),
    last_token_usage: toRecord(usage.last),
    model_context_window: usage.modelContextWindow ?? null,
  };
  return { type: "event_msg", payload: { type: "token_count", info, rate_limits: null } };
}

/** What a `token_count` says. Undefined: nothing was counted. */
export function readTokenCount(payload: RolloutRecord["payload"]): ThreadTokenUsage | undefined {
  const { info } = payload;
  if (!isRecord(info)) return undefined;
  const window = info.model_context_window;
  return {
    total: fromRecord(info.total_token_usage),
    last: fromRecord(info.last_token_usage),
    modelContextWindow: typeof window === "number" ? window : null,
  };
}

function toRecord(count: TokenUsageBreakdown): Readonly<Record<string, number>> {
  return Object.fromEntries(MEMBERS.map(([wire, file]) => [file, count[wire] ?? 0]));
}

function fromRecord(record: unknown): TokenUsageBreakdown {
  const members = isRecord(record) ? record : {};
  return Object.fromEntries(
    MEMBERS.map(([wire, file]) => [wire, typeof members[file] === "number" ? members[file] : 0]),
  ) as unknown as TokenUsageBreakdown;
}
