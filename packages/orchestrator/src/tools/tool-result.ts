import type { ToolResult } from "./tool.ts";

/** Most UTF-16 code units of an error that a model is told. */
export const ERROR_MAX_LENGTH = 4_096;

/** One text for each argument; empty ones are left out. */
export function textResult(...texts: readonly string[]): ToolResult {
  return { content: texts.filter((text) => text !== "").map((text) => ({ type: "text", text })) };
}

/** What a model reads of something that was thrown. */
export function failedResult(error: unknown): ToolResult {
  const text = error instanceof Error ? error.message || error.name : String(error);
  const shown = text.length <= ERROR_MAX_LENGTH ? text : `${text.slice(0, ERROR_MAX_LENGTH - 1)}…`;
  return { content: [{ type: "text", text: shown }], isError: true };
}
