import type { McpServerConfig } from "@holdfast/mcp";
import type { Arguments } from "../command-line/arguments.ts";
import { CommandFailure, UsageError } from "../command-line/failure.ts";
import { nearest } from "../command-line/nearest.ts";
import type { ServerConfigs } from "./server-configs.ts";

/**
 * The server that the arguments name, whether it is enabled or not.
 *
 * @throws UsageError - They name none. @throws CommandFailure - There is none of that name.
 */
export function namedServer(args: Arguments, { servers, file }: ServerConfigs): McpServerConfig {
  const [, name] = args.positionals;
  if (name === undefined) throw new UsageError("missing argument SERVER");
  const config = servers.find((each) => each.name === name);
  if (config !== undefined) return { ...config, enabled: true };
  const names = servers.map((each) => each.name);
  const meant = nearest(name, names);
  const advice = meant === undefined ? "`holdfast mcp list` lists those there are" : `perhaps ${meant} is meant`;
  throw new CommandFailure(`there is no MCP server ${name} in ${file}; ${advice}`);
}
