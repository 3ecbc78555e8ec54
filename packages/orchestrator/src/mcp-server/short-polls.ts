import type { Tool } from "../tools/tool.ts";

/** Most milliseconds that one call waits: below the minute after which MCP clients give a call up by default. */
export const MCP_WAIT_MAX_MS = 45_000;

const WAIT = "yield_time_ms";

/** `write_stdin` for MCP clients, which do not wait as long as it would: longer waits are several calls. */
export function withShortPolls(tool: Tool): Tool {
  const { properties = {} } = tool.inputSchema;
  const about = `Milliseconds to wait for output: up to 30000 after a write (default 250), up to ${MCP_WAIT_MAX_MS} without one (default and least 5000).`;
  return {
    ...tool,
    inputSchema: {
      ...tool.inputSchema,
      properties: { ...properties, [WAIT]: { type: "integer", minimum: 0, description: about } },
    },
    call: (args, call) => tool.call(shortened(args), call),
  };
}

function shortened(args: unknown): unknown {
  if (typeof args !== "object" || args === null || !(WAIT in args) || typeof args[WAIT] !== "number") return args;
  return { ...args, [WAIT]: Math.min(args[WAIT], MCP_WAIT_MAX_MS) };
}
