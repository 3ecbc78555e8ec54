import type { McpServerView } from "@holdfast/mcp";

/** What every reason why a server did not start begins with, where its name stands beside it anyway. */
const BEGINNING = /^MCP client for `[^`]*` failed to start: MCP startup failed: /;

/** Why a server is of no use, without its name. */
export function whyNot({ error, state }: Pick<McpServerView, "error" | "state">): string {
  return error?.replace(BEGINNING, "") ?? state;
}
