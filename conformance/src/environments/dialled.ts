import { connectAppServer } from "@holdfast/app-server-client";
import { EnvironmentRegistry } from "@holdfast/orchestrator";
import type { Release } from "@holdfast/reference-peer";
import { environmentOf } from "../app-server-line/served-app-server.ts";

/** Something that keeps environments: a release's app server, or our registry. */
export interface Keeper extends AsyncDisposable {
  add(id: string, url: string): Promise<void>;
  /** Ask what the environment is. @returns `there`, or why it is not. */
  info(id: string): Promise<string>;
}

/** That of a release, asked by `environment/*`. */
export async function keeperOf({ program }: Release, home: string): Promise<Keeper> {
  const server = await connectAppServer(
    { command: program, args: ["app-server"], env: environmentOf(home) },
    { capabilities: { experimentalApi: true }, initializeTimeoutMs: 60_000 },
  );
  return {
    add: async (environmentId, execServerUrl) => {
      await server.environment.add({ environmentId, execServerUrl });
    },
    info: (environmentId) => outcomeOf(server.environment.info({ environmentId })),
    [Symbol.asyncDispose]: () => server.close(),
  };
}

export function ownKeeper(): Keeper {
  const registry = new EnvironmentRegistry();
  return {
    add: (id, url) => Promise.resolve(void registry.register({ id, url })),
    info: (id) =>
      outcomeOf(
        registry
          .require(id)
          .executor()
          .then((executor) => executor.environmentInfo()),
      ),
    [Symbol.asyncDispose]: () => registry.close(),
  };
}

async function outcomeOf(answer: Promise<unknown>): Promise<string> {
  try {
    await answer;
    return "there";
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
}
