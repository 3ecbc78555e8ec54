import { type McpServerConfig, type McpServerLog, McpServers } from "@holdfast/mcp";
import { RegistryPlaces } from "@holdfast/orchestrator";
import type { Context } from "../command-line/context.ts";
import { openEnvironments } from "../env/open-environments.ts";
import { withoutToken } from "../executor/credential-options.ts";
import { version } from "../version.ts";

/** MCP servers that are started, each where it belongs. Disposing ends them, and the connections to where they run. */
export interface OpenServers extends AsyncDisposable {
  readonly servers: McpServers;
}

/**
 * Start servers. Resolves at once; `servers.current.started()` is when they run.
 *
 * @param onLog - Told what they write to stderr, and log. Default: it is dropped.
 * @throws CommandFailure - The environments that are configured are refused.
 */
export async function openServers(
  context: Context,
  configs: readonly McpServerConfig[],
  onLog?: (log: McpServerLog) => void,
): Promise<OpenServers> {
  const stack = new AsyncDisposableStack();
  const opened = stack.use(await openEnvironments(context, { connectsInBackground: false }));
  try {
    const servers = stack.use(
      new McpServers({
        environments: new RegistryPlaces(opened.registry),
        variables: withoutToken(context.env),
        cwd: context.cwd,
        clientInfo: { name: "holdfast", title: "Holdfast", version: version() },
        onLog,
      }),
    );
    // That one can't start is its own affair, also where the configuration says that it is needed.
    await servers.refresh(configs.map((config) => ({ ...config, required: false })));
    return { servers, [Symbol.asyncDispose]: () => stack.disposeAsync() };
  } catch (error) {
    await stack.disposeAsync();
    throw error;
  }
}
