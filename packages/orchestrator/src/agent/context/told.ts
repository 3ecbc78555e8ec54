import { isRecord } from "../../steps/is-record.ts";
import type { ResponseItem } from "../model/response-item.ts";
import { uuidV7 } from "../uuid-v7.ts";

/** A part of what a model is told before it is asked, known by how it begins. */
export interface ContextPart {
  readonly role: "developer" | "user";
  /** What every text of this kind begins with, and no other. */
  readonly opening: string;
  /** Undefined: nothing is to be told. */
  readonly text: string | undefined;
}

/**
 * Messages that tell a model what it was not told yet, or otherwise: each kind of part is compared with its last one in the conversation. Nothing is rewritten, so that
 * what a provider has cached stays of use.
 */
export function untold(parts: readonly ContextPart[], history: readonly ResponseItem[]): readonly ResponseItem[] {
  const last = lastTold(parts, history);
  const fresh = parts.filter(({ text, opening }) => text !== undefined && last.get(opening) !== text);
  return (["developer", "user"] as const).flatMap((role) => {
    const texts = fresh.flatMap((part) => (part.role === role && part.text !== undefined ? [part.text] : []));
    return texts.length === 0 ? [] : [message(role, texts)];
  });
}

/** Whether a message tells a model of its context, and is none that a person wrote. */
export function isContext(item: ResponseItem, openings: readonly string[]): boolean {
  return textsOf(item).some((text) => openings.some((opening) => text.startsWith(opening)));
}

export function message(role: "developer" | "user" | "assistant", texts: readonly string[]): ResponseItem {
  const type = role === "assistant" ? "output_text" : "input_text";
  return { type: "message", id: `msg_${uuidV7()}`, role, content: texts.map((text) => ({ type, text })) };
}

function lastTold(parts: readonly ContextPart[], history: readonly ResponseItem[]): ReadonlyMap<string, string> {
  const told = new Map<string, string>();
  const wanted = new Set(parts.map(({ opening }) => opening));
  for (let at = history.length - 1; at >= 0 && wanted.size > 0; at -= 1) {
    const item = history[at];
    if (item?.type !== "message" || item.role === "assistant") continue;
    for (const text of textsOf(item)) {
      for (const opening of wanted) {
        if (!text.startsWith(opening)) continue;
        told.set(opening, text);
        wanted.delete(opening);
      }
    }
  }
  return told;
}

function textsOf({ type, content }: ResponseItem): readonly string[] {
  if (type !== "message" || !Array.isArray(content)) return [];
  return content.flatMap((part: unknown) => (isRecord(part) && typeof part.text === "string" ? [part.text] : []));
}
