import type { ResponseItem } from "../model/response-item.ts";

/** What stands for the output of each kind of call. */
const OUTPUTS: Readonly<Record<string, string>> = {
  function_call: "function_call_output",
  custom_tool_call: "custom_tool_call_output",
};
const ENDED = "aborted";

/** A conversation in which every call has an output: no model goes on from a call without one. A program that ended in the middle of a call leaves such. */
export function withoutOpenCalls(history: readonly ResponseItem[]): ResponseItem[] {
  const answered = new Set<unknown>();
  for (const { type, call_id } of history) if (type.endsWith("_output")) answered.add(call_id);
  return history.flatMap((item) => {
    const output = OUTPUTS[item.type];
    if (output === undefined || answered.has(item.call_id)) return [item];
    return [item, { type: output, call_id: item.call_id, output: ENDED }];
  });
}
