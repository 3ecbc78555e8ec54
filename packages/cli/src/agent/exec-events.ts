import type { ServerNotices, ThreadItem, TokenUsageBreakdown } from "@holdfast/app-server-protocol";
import type { ExecEvent, ExecItemDetails, ExecUsage } from "./exec-event.ts";
import { execItem } from "./exec-item.ts";

/** Items that are told of when they begin, too. */
const BEGINS: ReadonlySet<string> = new Set(["command_execution", "file_change", "mcp_tool_call", "web_search"]);

const NO_USAGE: ExecUsage = {
  input_tokens: 0,
  cached_input_tokens: 0,
  cache_write_input_tokens: 0,
  output_tokens: 0,
  reasoning_output_tokens: 0,
};

/** The lines of `--json` for what an app server tells of one turn. */
export class ExecEvents {
  readonly #print: (event: ExecEvent) => void;
  /** Ids of lines by ids of items that have begun. */
  readonly #open = new Map<string, string>();
  #items = 0;
  #plan: { readonly id: string; readonly details: ExecItemDetails } | undefined;
  #usage = NO_USAGE;
  #failure: string | undefined;

  constructor(print: (event: ExecEvent) => void) {
    this.#print = print;
  }

  threadStarted(threadId: string): void {
    this.#print({ type: "thread.started", thread_id: threadId });
  }

  turnStarted(): void {
    this.#print({ type: "turn.started" });
  }

  itemStarted(item: ThreadItem): void {
    const details = execItem(item);
    if (details === undefined || !BEGINS.has(details.type)) return;
    const id = this.#nextId();
    this.#open.set(item.id, id);
    this.#print({ type: "item.started", item: { id, ...details } });
  }

  itemCompleted(item: ThreadItem): void {
    const details = execItem(item);
    if (details === undefined || isEmpty(details)) return;
    const id = this.#open.get(item.id) ?? this.#nextId();
    this.#open.delete(item.id);
    this.#print({ type: "item.completed", item: { id, ...details } });
  }

  planUpdated({ plan }: Pick<ServerNotices["turn/plan/updated"], "plan">): void {
    const items = plan.map(({ step, status }) => ({ text: step, completed: status === "completed" }));
    const details: ExecItemDetails = { type: "todo_list", items };
    const type = this.#plan === undefined ? "item.started" : "item.updated";
    this.#plan = { id: this.#plan?.id ?? this.#nextId(), details };
    this.#print({ type, item: { id: this.#plan.id, ...details } });
  }

  tokensUsed({ total }: { readonly total: TokenUsageBreakdown }): void {
    this.#usage = {
      input_tokens: total.inputTokens,
      cached_input_tokens: total.cachedInputTokens,
      cache_write_input_tokens: total.cacheWriteInputTokens ?? 0,
      output_tokens: total.outputTokens,
      reasoning_output_tokens: total.reasoningOutputTokens,
    };
  }

  warning(message: string): void {
    this.#print({ type: "item.completed", item: { id: this.#nextId(), type: "error", message } });
  }

  error({ message, additionalDetails }: ServerNotices["error"]["error"], willRetry: boolean): void {
    const told = willRetry && additionalDetails ? `${message} (${additionalDetails})` : message;
    if (!willRetry) this.#failure = told;
    this.#print({ type: "error", message: told });
  }

  turnCompleted(status: string, message?: string): void {
    if (this.#plan !== undefined) {
      const { id, details } = this.#plan;
      this.#print({ type: "item.completed", item: { id, ...details } });
    }
    if (status === "completed") this.#print({ type: "turn.completed", usage: this.#usage });
    else this.turnFailed(message ?? this.#failure ?? `the turn was ${status}`);
  }

  turnFailed(message: string): void {
    this.#print({ type: "turn.failed", error: { message } });
  }

  #nextId(): string {
    const id = `item_${this.#items}`;
    this.#items += 1;
    return id;
  }
}

/** A reasoning of which nothing may be read. */
function isEmpty(details: ExecItemDetails): boolean {
  return details.type === "reasoning" && details.text === "";
}
