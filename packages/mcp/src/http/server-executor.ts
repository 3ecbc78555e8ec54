import type { Executor } from "@holdfast/exec-client";
import { placementProblem } from "../config/placement.ts";
import { LOCAL_ENVIRONMENT, type McpServerConfig } from "../config/server-config.ts";
import type { McpEnvironments } from "../environments.ts";

/**
 * The executor from which requests to a server go out.
 *
 * @returns Undefined: they go out from here, as there is no local environment.
 * @throws Error - The environment is not known, or did not start.
 */
export async function serverExecutor(
  server: McpServerConfig,
  environments: McpEnvironments,
  signal?: AbortSignal,
): Promise<Executor | undefined> {
  const problem = placementProblem(server, environments);
  if (problem !== undefined) throw new Error(problem);
  const { environmentId } = server;
  if (environmentId === LOCAL_ENVIRONMENT && !environments.has(environmentId)) return undefined;
  return await environments.executor(environmentId, signal);
}
