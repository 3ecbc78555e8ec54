import { METHODS, validate } from "@holdfast/app-server-protocol";
import { METHOD_SCHEMAS } from "@holdfast/app-server-protocol/zod";
import type { RecordedFrame } from "./recording-port.ts";

/** A message that is not what the protocol says. */
export interface Finding {
  readonly from: RecordedFrame["from"];
  readonly method: string;
  readonly part: "params" | "result" | "message";
  /** The rule that it breaks, and at which member. */
  readonly reason: string;
  readonly text: string;
}

/** How many messages were looked at, and what was wrong. */
export interface Judgement {
  readonly messages: number;
  readonly findings: readonly Finding[];
}

interface Message {
  readonly id?: unknown;
  readonly method?: unknown;
  readonly params?: unknown;
  readonly result?: unknown;
  readonly error?: unknown;
}

/** Check every message of one connection strictly, in both directions: results by the method of the request that they answer. */
export function judgeFrames(frames: readonly RecordedFrame[]): Judgement {
  const asked = new Map<string, string>();
  const findings: Finding[] = [];
  for (const { from, text } of frames) {
    const message = JSON.parse(text) as Message;
    const find = (method: string, part: Finding["part"], reason: string): void => {
      findings.push({ from, method, part, reason, text });
    };
    const key = (author: RecordedFrame["from"]): string => `${author} ${typeof message.id} ${String(message.id)}`;
    if (typeof message.method === "string") {
      const row = METHODS[message.method as keyof typeof METHODS];
      const kind = message.id === undefined ? "notice" : "request";
      if (kind === "request") asked.set(key(from), message.method);
      if (row === undefined || row.kind !== kind || row.from !== from)
        find(message.method, "message", `no such ${kind} of the ${from}`);
      else judgePart(message.method, "params", message.params, find);
    } else if (message.error !== undefined) {
      if (!isFault(message.error))
        find(asked.get(key(other(from))) ?? "", "message", "an error needs a code and a message");
    } else {
      const method = asked.get(key(other(from)));
      if (method === undefined) find("", "message", "answers nothing that was asked");
      else judgePart(method, "result", message.result, find);
    }
  }
  return { messages: frames.length, findings };
}

function other(from: RecordedFrame["from"]): RecordedFrame["from"] {
  return from === "client" ? "server" : "client";
}

function judgePart(
  method: string,
  part: "params" | "result",
  value: unknown,
  find: (method: string, part: Finding["part"], reason: string) => void,
): void {
  const type = METHOD_SCHEMAS[method as keyof typeof METHOD_SCHEMAS]?.[part];
  if (type === undefined || type === null) {
    if (value !== undefined && value !== null) find(method, part, `there should be no ${part}`);
    return;
  }
  const judged = validate(type.schema, value);
  if (!judged.ok) find(method, part, judged.message);
}

function isFault(error: unknown): boolean {
  if (typeof error !== "object" || error === null) return false;
  const { code, message } = error as { readonly code?: unknown; readonly message?: unknown };
  return Number.isInteger(code) && typeof message === "string";
}
