import { isObject } from "@holdfast/protocol-kit";
import { COMMAND_TIMEOUT_DEFAULT_MS, LONG_CALL_TIMEOUT_MS } from "../limits.ts";

/** What is answered only when a program, a download, a person or a service far away is done. */
const LONG: ReadonlySet<string> = new Set([
  "account/login/start",
  "account/rateLimits/read",
  "app/list",
  "externalAgentConfig/detect",
  "externalAgentConfig/import",
  "feedback/upload",
  "fs/copy",
  "fs/remove",
  "marketplace/add",
  "marketplace/upgrade",
  "mcpServer/oauth/login",
  "mcpServer/resource/read",
  "mcpServer/tool/call",
  "mcpServerStatus/list",
  "plugin/install",
  "rollout/compress",
  "thread/resume",
  "thread/sample",
  "thread/search",
  "thread/search/stream",
  "userVerification/enroll",
  "userVerification/verify",
]);

/** What ends something or frees a place: it must not wait behind what it is to end. */
const URGENT: ReadonlySet<string> = new Set([
  "command/exec/resize",
  "command/exec/terminate",
  "command/exec/write",
  "fs/unwatch",
  "process/kill",
  "process/resizePty",
  "process/writeStdin",
  "thread/backgroundTerminals/terminate",
  "thread/search/cancel",
  "thread/search/stream/cancel",
  "thread/unsubscribe",
  "turn/interrupt",
  "turn/steer",
]);

/** Whether a call goes out though there are as many in flight as the server is asked to take. */
export function isUrgent(method: string): boolean {
  return URGENT.has(method);
}

/**
 * How long the answer to a call may take where the caller does not say, milliseconds: the default, ten minutes for what waits for something else
 * than the server, and for a command as long as the server lets it run besides.
 */
export function timeoutOf(method: string, params: unknown, defaultMs: number): number {
  if (method === "command/exec") return defaultMs + commandTimeMs(params);
  return LONG.has(method) ? Math.max(defaultMs, LONG_CALL_TIMEOUT_MS) : defaultMs;
}

function commandTimeMs(params: unknown): number {
  if (!isObject(params)) return COMMAND_TIMEOUT_DEFAULT_MS;
  if (params.disableTimeout === true) return Number.POSITIVE_INFINITY;
  return typeof params.timeoutMs === "number" && params.timeoutMs >= 0 ? params.timeoutMs : COMMAND_TIMEOUT_DEFAULT_MS;
}
