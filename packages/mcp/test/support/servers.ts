import { McpServers, type McpServersOptions } from "../../src/index.ts";

export function mcpServers(options: Pick<McpServersOptions, "environments"> & Partial<McpServersOptions>): McpServers {
  return new McpServers({ variables: process.env, ...options });
}
