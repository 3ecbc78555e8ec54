import { SdkError, SdkErrorCode } from "@modelcontextprotocol/client";
import { BearerTokenError } from "../http/bearer-token-error.ts";
import { isMcpLoginRequired } from "../oauth/login-required-error.ts";
import { reasonOf } from "../reason-of.ts";
import { TimeIsUp } from "./within.ts";

/** What is shown of a server that did not start. */
export function startupFailure(serverName: string, error: unknown, timeoutMs: number): string {
  if (isTimeout(error)) {
    return (
      `MCP client for \`${serverName}\` timed out after ${wholeSeconds(timeoutMs)} seconds. ` +
      `Add or adjust \`startup_timeout_sec\` in your config.toml:\n[mcp_servers.${serverName}]\nstartup_timeout_sec = XX`
    );
  }
  // These say all there is to say.
  if (isMcpLoginRequired(error) || error instanceof BearerTokenError) return error.message;
  return `MCP client for \`${serverName}\` failed to start: MCP startup failed: ${reasonOf(error)}`;
}

export const STARTUP_CANCELLED = "MCP startup cancelled";

export function isTimeout(error: unknown): boolean {
  return error instanceof TimeIsUp || (SdkError.isInstance(error) && error.code === SdkErrorCode.RequestTimeout);
}

/** Seconds as they are shown: what is left over is cut off. */
export function wholeSeconds(ms: number): number {
  return Math.trunc(ms / 1_000);
}
