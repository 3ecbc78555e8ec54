import { isRecord } from "../../steps/is-record.ts";
import type { ModelUsage, ResponseEvent } from "./response-event.ts";
import { failureOf } from "./response-failure.ts";
import type { ResponseItem } from "./response-item.ts";

type Members = Readonly<Record<string, unknown>>;

/**
 * One event of a stream, by its text.
 *
 * @returns Undefined: it is none that anybody looks at, or no event at all.
 * @throws ModelError - The response has failed, or is incomplete.
 */
export function readEvent(text: string): ResponseEvent | undefined {
  const event = membersOf(text);
  if (event === undefined) return undefined;
  switch (event.type) {
    case "response.output_item.added":
    case "response.output_item.done": {
      const { item } = event;
      if (!isItem(item)) return undefined;
      return { type: event.type === "response.output_item.done" ? "done" : "added", item };
    }
    case "response.output_text.delta":
      return typeof event.delta === "string" ? { type: "text", delta: event.delta } : undefined;
    case "response.reasoning_summary_part.added":
      return { type: "summary-part", index: numberOf(event.summary_index) };
    case "response.reasoning_summary_text.delta":
      if (typeof event.delta !== "string") return undefined;
      return { type: "summary-text", index: numberOf(event.summary_index), delta: event.delta };
    case "response.reasoning_text.delta":
      if (typeof event.delta !== "string") return undefined;
      return { type: "reasoning-text", index: numberOf(event.content_index), delta: event.delta };
    case "response.failed":
    case "response.incomplete":
      throw failureOf(event.type, isRecord(event.response) ? event.response : {});
    case "response.completed": {
      const { response } = event;
      if (!isRecord(response)) return undefined;
      return { type: "completed", usage: usageOf(response.usage), goesOn: response.end_turn === false };
    }
    default:
      return undefined;
  }
}

function membersOf(text: string): Members | undefined {
  try {
    const value: unknown = JSON.parse(text);
    return isRecord(value) ? value : undefined;
  } catch {
    return undefined;
  }
}

function isItem(value: unknown): value is ResponseItem {
  return isRecord(value) && typeof value.type === "string";
}

function usageOf(value: unknown): ModelUsage {
  const usage = isRecord(value) ? value : {};
  const input = isRecord(usage.input_tokens_details) ? usage.input_tokens_details : {};
  const output = isRecord(usage.output_tokens_details) ? usage.output_tokens_details : {};
  return {
    inputTokens: numberOf(usage.input_tokens),
    cachedInputTokens: numberOf(input.cached_tokens),
    cacheWriteInputTokens: numberOf(input.cache_write_tokens),
    outputTokens: numberOf(usage.output_tokens),
    reasoningOutputTokens: numberOf(output.reasoning_tokens),
    totalTokens: numberOf(usage.total_tokens),
  };
}

/** A count; whatever else stands there counts as none. */
function numberOf(value: unknown): number {
  return typeof value === "number" && Number.isSafeInteger(value) && value >= 0 ? value : 0;
}
