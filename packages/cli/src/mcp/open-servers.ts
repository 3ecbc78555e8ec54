import {
  CredentialFile,
  HttpOpener,
  McpAuth,
  type McpServerConfig,
  type McpServerLog,
  McpServers,
  type McpServersOptions,
  type RedirectOptions,
} from "@holdfast/mcp";
import { RegistryPlaces } from "@holdfast/orchestrator";
import type { Context } from "../command-line/context.ts";
import { codexHome } from "../env/codex-home.ts";
import { openEnvironments } from "../env/open-environments.ts";
import { withoutToken } from "../executor/credential-options.ts";
import { version } from "../version.ts";

/** Where MCP servers are placed, and who is asking. Disposing ends the connections to those places. */
export interface OpenPlaces extends AsyncDisposable {
  readonly environments: RegistryPlaces;
  readonly auth: McpAuth;
}

/** MCP servers that are started, each where it belongs. Disposing ends them, and the connections to where they run. */
export interface OpenServers extends AsyncDisposable {
  readonly servers: McpServers;
}

/**
 * @param redirect - Where the browser comes back to from a login. Default: any port of this machine.
 * @throws CommandFailure - The environments that are configured are refused.
 */
export async function openPlaces(context: Context, redirect?: RedirectOptions): Promise<OpenPlaces> {
  const opened = await openEnvironments(context, { connectsInBackground: false });
  const environments = new RegistryPlaces(opened.registry);
  const auth = new McpAuth({
    environments,
    store: new CredentialFile(codexHome(context)),
    redirect,
    advice: ({ name }) => `Run \`holdfast mcp login ${name}\`.`,
  });
  return { environments, auth, [Symbol.asyncDispose]: async () => await opened[Symbol.asyncDispose]() };
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
  const { environments, auth } = stack.use(await openPlaces(context));
  try {
    const variables = withoutToken(context.env);
    const options: McpServersOptions = {
      environments,
      variables,
      cwd: context.cwd,
      http: new HttpOpener({ environments, variables, auth }),
      clientInfo: { name: "holdfast", title: "Holdfast", version: version() },
      onLog,
    };
    const servers = stack.use(new McpServers(options));
    // That one can't start is its own affair, also where the configuration says that it is needed.
    await servers.refresh(configs.map((config) => ({ ...config, required: false })));
    return { servers, [Symbol.asyncDispose]: () => stack.disposeAsync() };
  } catch (error) {
    await stack.disposeAsync();
    throw error;
  }
}
