import type { AppServer } from "@holdfast/app-server-client";
import { isRelayUrl } from "@holdfast/exec-client";
import { displayPath } from "@holdfast/path-uri";
import type { Context } from "../command-line/context.ts";
import { codexHome } from "../env/codex-home.ts";
import { type OpenEnvironments, openEnvironments } from "../env/open-environments.ts";
import { RELAY_TOKEN_VARIABLE, withoutToken } from "../executor/credential-options.ts";
import { version } from "../version.ts";

/** Where the work of an agent is done: on one of the environments that are configured, or behind a URL. */
export type AgentPlace = { readonly environment: string } | { readonly url: string };

/** The app server inside this process, and a client of it. All of it ends when disposed, with all that it runs. */
export interface OpenAgent extends AsyncDisposable {
  readonly server: AppServer;
  /** What a thread is told of its environment. Undefined: that is the default of the configuration. */
  readonly environments: readonly { readonly environmentId: string; readonly cwd: string }[] | undefined;
}

export interface OpenAgentOptions {
  readonly place: AgentPlace | undefined;
  /** Folder of the work, where it is done. */
  readonly cwd: string | undefined;
  /** As who the requests to a model introduce themselves. */
  readonly clientName: string;
  /** Told what an operator should know. */
  readonly warn: (line: string) => void;
}

/** Of an executor that is named by its URL. */
const NAMED_ID = "named";
/** Threads begin once their servers have been looked for; that takes as long as those take. */
const START_TIMEOUT_MS = 60_000;

/** Open it. Nobody else can come to that server: it listens nowhere. */
export async function openAgent(context: Context, options: OpenAgentOptions): Promise<OpenAgent> {
  const [{ createAppServer }, { memoryLink }, { connectAppServer }] = await Promise.all([
    import("@holdfast/orchestrator/app-server"),
    import("@holdfast/rpc/memory"),
    import("@holdfast/app-server-client"),
  ]);
  const { place, cwd, clientName, warn } = options;
  await using stack = new AsyncDisposableStack();
  const opened = stack.use(await openEnvironments(context, { retryFailedStart: true }));
  const host = stack.use(
    createAppServer({
      environments: opened.registry,
      codexHome: codexHome(context),
      cwd: context.cwd,
      variables: withoutToken(context.env),
      threadsBegunBy: "exec",
      version: version(),
      log: { warn },
    }),
  );
  const [near, far] = memoryLink();
  host.accept(far);
  const server = stack.use(
    await connectAppServer(near, {
      clientInfo: { name: clientName, version: version() },
      capabilities: { experimentalApi: true },
      callTimeoutMs: START_TIMEOUT_MS,
      // Nobody is there to be asked.
      approve: async () => "decline",
    }),
  );
  const environments = place === undefined ? undefined : [await selected(opened, place, { cwd, env: context.env })];
  const all = stack.move();
  return { server, environments, [Symbol.asyncDispose]: () => all.disposeAsync() };
}

async function selected(
  { registry }: OpenEnvironments,
  place: AgentPlace,
  { cwd, env }: { readonly cwd: string | undefined; readonly env: Context["env"] },
) {
  if ("url" in place) registry.register({ id: NAMED_ID, url: place.url, bearerToken: relayTokenFor(place.url, env) });
  const handle = registry.require("url" in place ? NAMED_ID : place.environment);
  const executor = await handle.executor();
  const own = executor.environment.cwd;
  return { environmentId: handle.id, cwd: cwd ?? (own === undefined ? "/" : displayPath(own)) };
}

/** No other URL is shown it. */
function relayTokenFor(text: string, env: Context["env"]): string | undefined {
  const url = URL.parse(text);
  return url !== null && isRelayUrl(url) ? env[RELAY_TOKEN_VARIABLE]?.trim() || undefined : undefined;
}
