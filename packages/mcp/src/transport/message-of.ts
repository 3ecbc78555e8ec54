import {
  isJSONRPCErrorResponse,
  isJSONRPCNotification,
  isJSONRPCRequest,
  isJSONRPCResultResponse,
  type JSONRPCMessage,
} from "@modelcontextprotocol/client";

/** The message on a line; undefined when there is none. */
export function messageOf(line: string): JSONRPCMessage | undefined {
  // Most of what servers print by mistake is told by its first character.
  if (!line.trimStart().startsWith("{")) return undefined;
  const value = parsed(line);
  const isMessage =
    isJSONRPCResultResponse(value) ||
    isJSONRPCNotification(value) ||
    isJSONRPCRequest(value) ||
    isJSONRPCErrorResponse(value);
  return isMessage ? value : undefined;
}

function parsed(line: string): unknown {
  try {
    return JSON.parse(line);
  } catch {
    return undefined;
  }
}
