import type { McpEnvironments } from "../environments.ts";
import { LOCAL_ENVIRONMENT, type McpServerConfig } from "./server-config.ts";
import { serverNameProblem } from "./server-name.ts";

/**
 * What is wrong with what a server is called or where it is placed, in a line; undefined: nothing. Nothing is started for it.
 *
 * An HTTP server of the local environment needs none: its requests go out from here.
 */
export function placementProblem(
  server: McpServerConfig,
  environments: Pick<McpEnvironments, "has">,
): string | undefined {
  const { name, environmentId, transport } = server;
  const nameProblem = serverNameProblem(name);
  if (nameProblem !== undefined) return nameProblem;
  const isLocal = environmentId === LOCAL_ENVIRONMENT;
  if (isLocal && transport.kind === "http") return undefined;
  if (!environments.has(environmentId)) {
    return isLocal
      ? `local stdio MCP server \`${name}\` requires a local environment`
      : `MCP server \`${name}\` references unknown environment id \`${environmentId}\``;
  }
  const needsFolder = !isLocal && transport.kind === "stdio" && transport.cwd === undefined;
  return needsFolder ? "executor stdio server requires an explicit cwd" : undefined;
}
