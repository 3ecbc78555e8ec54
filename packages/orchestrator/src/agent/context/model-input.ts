import type { ResponseItem } from "../model/response-item.ts";
import { callOf, outputItem } from "../turn/tool-calls.ts";

/**
 * A conversation as a provider takes it: each call has an output, and each output its call. One that was cut, as by the end of this program in the middle of a turn, is mended.
 */
export function wholeConversation(history: readonly ResponseItem[]): readonly ResponseItem[] {
  const outputs = new Set(history.filter(isOutput).map(({ call_id: id }) => id));
  const calls = new Set<unknown>();
  return history.flatMap((item) => {
    if (isOutput(item)) return calls.has(item.call_id) ? [item] : [];
    // Also of kinds of calls that only others make.
    if (item.call_id !== undefined) calls.add(item.call_id);
    const call = callOf(item);
    return call === undefined || outputs.has(call.callId) ? [item] : [item, outputItem(call, "aborted")];
  });
}

function isOutput({ type }: ResponseItem): boolean {
  return type.endsWith("_output");
}
