import { isContext, message } from "../context/told.ts";
import { ModelError } from "../model/model-error.ts";
import type { ResponseItem } from "../model/response-item.ts";
import { KEPT_WORDS_MAX_LENGTH } from "./limits.ts";
import { ABORTED, SHELL_COMMAND } from "./marks.ts";
import { textsIn } from "./response-items.ts";

/** What a model is asked for when a conversation is made shorter. */
export const SUMMARY_REQUEST = `The conversation has to be made shorter: what you write now takes the place of everything but the messages of the user. Write down, for yourself, all that you need in order to go on:
- what is to be achieved, and what the user wants or does not want;
- what is done, with the files and commands that matter, and what was found out;
- what was decided, and why;
- what is left to do, and the very next step.
Be exact with names, paths and numbers. Write nothing else.`;

/** How a summary is introduced. */
const SUMMARY_HEAD = "<summary>\nThe conversation up to here was made shorter. This is what you wrote down of it:\n";

/** The text of a summary. @throws ModelError - There is none. */
export function summaryIn(items: readonly ResponseItem[]): string {
  const text = items
    .filter(({ type, role }) => type === "message" && role === "assistant")
    .flatMap(({ content }) => textsIn(content, "output_text"))
    .join("\n")
    .trim();
  if (text !== "") return text;
  throw new ModelError("the model gave no summary; the conversation stays as it is", { info: "other", retry: "never" });
}

/** A shorter conversation: what a model is told first, what the user said, and the summary. */
export function compactedHistory(
  history: readonly ResponseItem[],
  {
    context,
    summary,
    openings,
  }: { readonly context: readonly ResponseItem[]; readonly summary: string; readonly openings: readonly string[] },
): readonly ResponseItem[] {
  const ours = [...openings, SUMMARY_HEAD, ABORTED, SHELL_COMMAND];
  const said = history.filter((item) => item.type === "message" && item.role === "user" && !isContext(item, ours));
  return [...context, ...newest(said), message("user", [`${SUMMARY_HEAD}${summary}\n</summary>`])];
}

/** The last of what was said, as much as is kept of it. */
function newest(said: readonly ResponseItem[]): readonly ResponseItem[] {
  let left = KEPT_WORDS_MAX_LENGTH;
  const kept: ResponseItem[] = [];
  for (const item of said.toReversed()) {
    left -= JSON.stringify(item).length;
    if (left < 0) break;
    kept.unshift(item);
  }
  return kept;
}
