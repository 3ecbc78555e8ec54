import { McpServers, type McpServersOptions, type ServerCommand, type StdioServerConfig } from "../../src/index.ts";

/** Everything that this process has. */
export function commandOf(_name: string, { command, args, env, cwd }: StdioServerConfig): ServerCommand {
  return { argv: [command, ...args], cwd: cwd ?? "/", env };
}

export function mcpServers(options: Pick<McpServersOptions, "environments"> & Partial<McpServersOptions>): McpServers {
  return new McpServers({ commandOf, ...options });
}
