import type { AcceptedMessage, MessageKind } from "../corpus.ts";
import type { RecordedMessage } from "../recorder.ts";

type Message = Readonly<Record<string, unknown>>;
type Labelled = Omit<AcceptedMessage, "release" | "author">;

/** Codes of answers that say: this request was not understood. */
const NOT_UNDERSTOOD = new Set([-32601, -32602]);

function kindOf(message: Message): MessageKind {
  if ("method" in message) return "id" in message ? "request" : "notification";
  return "result" in message ? "success" : "failure";
}

function codeOf(message: Message): unknown {
  return (message.error as { code?: unknown } | undefined)?.code;
}

function callKey(line: number, caller: string, message: Message): string {
  return `${line} ${caller} ${JSON.stringify(message.id)}`;
}

/** Say of each message what it is and which method it belongs to. Requests that the release did not take are left out. */
export function labelMessages(recorded: readonly RecordedMessage[]): Labelled[] {
  const parsed = recorded.map(({ text, ...rest }) => ({ ...rest, message: JSON.parse(text) as Message }));
  const methods = new Map<string, string>();
  const misunderstood = new Set<string>();
  for (const { from, line, message } of parsed) {
    const kind = kindOf(message);
    if (kind === "request") methods.set(callKey(line, from, message), String(message.method));
    if (kind !== "failure" || !NOT_UNDERSTOOD.has(Number(codeOf(message)))) continue;
    misunderstood.add(callKey(line, from === "server" ? "client" : "server", message));
  }
  return parsed.flatMap(({ from, line, message }): Labelled[] => {
    const kind = kindOf(message);
    const isCall = "method" in message;
    const caller = isCall === (from === "client") ? "client" : "server";
    if (kind === "request" && misunderstood.has(callKey(line, from, message))) return [];
    const method = isCall ? message.method : methods.get(callKey(line, caller, message));
    return method === undefined ? [] : [{ from, kind, method: String(method), message }];
  });
}
