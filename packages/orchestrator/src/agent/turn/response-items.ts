import type { ThreadItem } from "@holdfast/app-server-protocol";
import { isRecord } from "../../steps/is-record.ts";
import type { ResponseEvent } from "../model/response-event.ts";
import type { ResponseItem } from "../model/response-item.ts";
import { uuidV7 } from "../uuid-v7.ts";
import type { TurnItems } from "./turn-items.ts";
import type { TurnPort } from "./turn-port.ts";

/** Tells what comes of one response, while it comes: messages and reasoning. */
export class ResponseItems {
  readonly #port: TurnPort;
  readonly #items: TurnItems;
  /** What deltas belong to. */
  #open: { readonly type: "message" | "reasoning"; readonly id: string } | undefined;

  constructor(port: TurnPort, items: TurnItems) {
    this.#port = port;
    this.#items = items;
  }

  /** @returns The entry of a `done`, with the id that it was told by. */
  follow(event: ResponseEvent): ResponseItem | undefined {
    switch (event.type) {
      case "added":
        this.#begin(event.item);
        return undefined;
      case "done":
        return this.#end(event.item);
      case "text":
        if (this.#open?.type === "message") {
          this.#port.emit("item/agentMessage/delta", { itemId: this.#open.id, delta: event.delta });
        }
        return undefined;
      case "summary-part":
        if (this.#open?.type === "reasoning") {
          this.#port.emit("item/reasoning/summaryPartAdded", { itemId: this.#open.id, summaryIndex: event.index });
        }
        return undefined;
      case "summary-text":
        if (this.#open?.type === "reasoning") {
          const { id: itemId } = this.#open;
          const { index: summaryIndex, delta } = event;
          this.#port.emit("item/reasoning/summaryTextDelta", { itemId, summaryIndex, delta });
        }
        return undefined;
      case "reasoning-text":
        if (this.#open?.type === "reasoning") {
          const { id: itemId } = this.#open;
          this.#port.emit("item/reasoning/textDelta", { itemId, contentIndex: event.index, delta: event.delta });
        }
        return undefined;
      default:
        return undefined;
    }
  }

  #begin(item: ResponseItem): void {
    if (item.type !== "message" && item.type !== "reasoning") return;
    if (item.type === "message" && item.role !== "assistant") return;
    const id = idOf(item);
    this.#open = { type: item.type, id };
    this.#items.start(item.type === "message" ? agentMessage(id, "") : reasoning(id, [], []));
  }

  #end(item: ResponseItem): ResponseItem {
    const isShown = item.type === "reasoning" || (item.type === "message" && item.role === "assistant");
    if (item.type === "web_search_call") {
      const id = idOf(item);
      this.#items.complete(webSearch(id, item.action));
      return { ...item, id };
    }
    if (!isShown) return item.id === undefined ? { ...item, id: idOf(item) } : item;
    const open = this.#open?.type === item.type ? this.#open : undefined;
    this.#open = undefined;
    const id = typeof item.id === "string" && item.id !== "" ? item.id : (open?.id ?? idOf(item));
    this.#items.complete(shownItem({ ...item, id }, id));
    return { ...item, id };
  }
}

/** What is shown of an assistant's message or a reasoning. */
function shownItem(item: ResponseItem, id: string): ThreadItem {
  if (item.type === "message") return agentMessage(id, textsIn(item.content, "output_text").join(""), item.phase);
  return reasoning(id, textsIn(item.summary, "summary_text"), textsIn(item.content, "reasoning_text"));
}

/** The text of a message's parts, or of a reasoning's. */
export function textsIn(parts: unknown, type: string): string[] {
  if (!Array.isArray(parts)) return [];
  return parts.flatMap((part: unknown) =>
    isRecord(part) && part.type === type && typeof part.text === "string" ? [part.text] : [],
  );
}

function agentMessage(id: string, text: string, phase: unknown = null): ThreadItem {
  return {
    type: "agentMessage",
    moderation: null,
    id,
    text,
    phase: typeof phase === "string" ? phase : null,
    memoryCitation: null,
    delivery: null,
    questions: null,
  } as ThreadItem;
}

function reasoning(id: string, summary: string[], content: string[]): ThreadItem {
  return { type: "reasoning", id, summary, content };
}

const ACTIONS: Readonly<Record<string, string>> = {
  search: "search",
  open_page: "openPage",
  find_in_page: "findInPage",
};

/** What a provider has searched by itself. */
function webSearch(id: string, given: unknown): ThreadItem {
  const { type, query, queries, url, pattern } = isRecord(given) ? given : {};
  const kind = typeof type === "string" ? (ACTIONS[type] ?? "other") : "other";
  const words = [query, url, pattern].find((text) => typeof text === "string") ?? "";
  const action = {
    type: kind,
    ...(kind === "search"
      ? {
          query: textOrNull(query),
          queries: Array.isArray(queries) ? queries.filter((each) => typeof each === "string") : null,
        }
      : {}),
    ...(kind === "openPage" || kind === "findInPage" ? { url: textOrNull(url) } : {}),
    ...(kind === "findInPage" ? { pattern: textOrNull(pattern) } : {}),
  };
  return { type: "webSearch", id, query: String(words), action, results: null } as ThreadItem;
}

function textOrNull(value: unknown): string | null {
  return typeof value === "string" ? value : null;
}

const PREFIXES: Readonly<Record<string, string>> = {
  message: "msg",
  reasoning: "rs",
  function_call: "fc",
  custom_tool_call: "ctc",
  web_search_call: "ws",
};

function idOf({ type, id }: ResponseItem): string {
  return typeof id === "string" && id !== "" ? id : `${PREFIXES[type] ?? "item"}_${uuidV7()}`;
}
