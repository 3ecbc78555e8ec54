import type { FramePort } from "@holdfast/exec-client";
import type { Executor, ExecutorLimits } from "@holdfast/executor";
import type { Context } from "../command-line/context.ts";
import { ownPlaces } from "../own-places.ts";
import { privatePlaces } from "../private-places.ts";
import { version } from "../version.ts";
import { withoutToken } from "./credential-options.ts";

/** An executor inside this process. Disposing ends it and all that it runs. */
export interface EmbeddedExecutor extends AsyncDisposable {
  /** A new connection to it. */
  port(): FramePort;
  /** Who may come to what is in front of it. */
  readonly admission: Executor["admission"];
}

/** With the folder and environment of this process. */
export async function embeddedExecutor(
  { env, cwd }: Pick<Context, "env" | "cwd">,
  limits: Partial<ExecutorLimits> = {},
): Promise<EmbeddedExecutor> {
  const [{ createExecutor }, { memoryLink }] = await Promise.all([
    import("@holdfast/executor"),
    import("@holdfast/rpc/memory"),
  ]);
  const embedded = createExecutor({
    env: withoutToken(env),
    cwd,
    version: version(),
    ownPlaces: ownPlaces(env),
    hiddenPlaces: privatePlaces(env),
    limits,
    keepsMemoryPrivate: true,
  });
  return {
    port() {
      const [near, far] = memoryLink();
      embedded.accept(far);
      return near;
    },
    admission: (options) => embedded.admission(options),
    [Symbol.asyncDispose]: () => embedded.close(),
  };
}
