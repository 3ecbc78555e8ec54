import { isMcpError } from "@holdfast/mcp/config";
import { RpcFault } from "@holdfast/rpc";
import { readFault } from "../config/config-faults.ts";
import { internalError } from "../faults.ts";

/** What a server's own state says before the reason why it did not start. */
const CLIENT_PREFIX = /MCP client for `[^`]*` failed to start: /;

/** What clients are told of what went wrong with a server: what it answered itself is passed on. */
export function mcpFault(error: unknown): unknown {
  if (!isMcpError(error)) return readFault(error, "failed to reload config");
  const { code, cause, message } = error;
  if (code === "refused" && isAnswer(cause)) {
    return new RpcFault(cause.code, cause.message, { data: cause.data, cause: error });
  }
  return internalError(startupReason(message), error);
}

/** What is left of a message when who it is told to knows the server. */
export function startupReason(message: string): string {
  return message.replace(CLIENT_PREFIX, "");
}

/** What clients are told of a login that can not be begun. */
export function loginFault(serverName: string, error: unknown): RpcFault {
  return internalError(loginProblem(serverName, error), error);
}

/** Why a login failed, in a line. */
export function loginProblem(serverName: string, error: unknown): string {
  return `failed to login to MCP server '${serverName}': ${error instanceof Error ? error.message : String(error)}`;
}

/** An error as a server answers with it. */
function isAnswer(cause: unknown): cause is Error & { readonly code: number; readonly data?: unknown } {
  return cause instanceof Error && "code" in cause && typeof cause.code === "number";
}
