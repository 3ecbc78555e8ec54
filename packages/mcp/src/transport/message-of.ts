import type { JSONRPCMessage } from "@modelcontextprotocol/client";

/** The message on a line, of whatever method; undefined when there is none. What it says is for the SDK to judge. */
export function messageOf(line: string): JSONRPCMessage | undefined {
  // Most of what servers print by mistake is told by its first character.
  if (!line.trimStart().startsWith("{")) return undefined;
  const value = parsed(line);
  return isMessage(value) ? value : undefined;
}

function isMessage(value: unknown): value is JSONRPCMessage {
  if (typeof value !== "object" || value === null || !("jsonrpc" in value) || value.jsonrpc !== "2.0") return false;
  if ("method" in value) return typeof value.method === "string";
  return "id" in value && ("result" in value || "error" in value);
}

function parsed(line: string): unknown {
  try {
    return JSON.parse(line);
  } catch {
    return undefined;
  }
}
