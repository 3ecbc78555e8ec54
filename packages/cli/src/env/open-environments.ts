import type { ConnectTarget } from "@holdfast/exec-client";
import {
  type ConfiguredEnvironments,
  configuredEnvironments,
  EnvironmentRegistry,
  type EnvironmentRegistryOptions,
} from "@holdfast/orchestrator";
import type { Context } from "../command-line/context.ts";
import { withoutToken } from "../executor/credential-options.ts";
import { defaultSocketUrl } from "../executor/default-socket.ts";
import { type EmbeddedExecutor, embeddedExecutor } from "../executor/embedded-executor.ts";
import type { RemoteContext } from "../executor/remote-context.ts";
import { targetOf } from "../executor/target-of.ts";
import { codexHome } from "./codex-home.ts";
import { configurationFailure } from "./configuration-failure.ts";

/** The environments that are configured here, with their connections. Disposing ends those, and what runs over them. */
export interface OpenEnvironments extends AsyncDisposable {
  readonly registry: EnvironmentRegistry;
  /** Where it is said which there are. */
  readonly source: ConfiguredEnvironments["source"];
  /** What `local` is. It is made now, unless somebody has used it. */
  embedded(): Promise<EmbeddedExecutor>;
}

/** This machine is inside this process; it is made when somebody uses it. */
const LOCAL_ADDRESS = "inside this process";

/**
 * Open the environments that the variables and `environments.toml` name. Those behind URLs begin to connect, unless that is
 * not wanted.
 *
 * @throws CommandFailure what is configured is refused.
 */
export async function openEnvironments(
  context: Pick<Context, "env" | "cwd"> & RemoteContext,
  options: Pick<EnvironmentRegistryOptions, "connectsInBackground" | "recovery" | "retryFailedStart"> = {},
): Promise<OpenEnvironments> {
  const stack = new AsyncDisposableStack();
  let made: Promise<EmbeddedExecutor> | undefined;
  const embedded = (): Promise<EmbeddedExecutor> => {
    made ??= embeddedExecutor(context);
    return made;
  };
  const local = async (): Promise<ConnectTarget> => (await embedded()).port();
  stack.defer(async () => await (await made)?.[Symbol.asyncDispose]());
  const { source, environments, defaultId } = await configured(context, local);
  try {
    const registry = new EnvironmentRegistry({
      ...options,
      environments,
      defaultId,
      targetOf: (url) => targetOf(url.href === "unix://" ? defaultSocketUrl(context.env) : url, context),
      programEnv: withoutToken(context.env),
    });
    stack.use(registry);
    return { registry, source, embedded, [Symbol.asyncDispose]: () => stack.disposeAsync() };
  } catch (error) {
    throw configurationFailure(error);
  }
}

/** What is configured, without connecting anything. @throws CommandFailure it is refused. */
export async function configured(
  context: Pick<Context, "env" | "cwd">,
  target: () => ConnectTarget | Promise<ConnectTarget>,
): Promise<ConfiguredEnvironments> {
  const { HOLDFAST_URL: url } = context.env;
  // What every command takes for its executor is taken here, too.
  const variables = url ? { ...context.env, CODEX_EXEC_SERVER_URL: url } : context.env;
  const local = { isRemote: false, address: LOCAL_ADDRESS, target };
  try {
    return await configuredEnvironments({ variables, codexHome: codexHome(context), local });
  } catch (error) {
    throw configurationFailure(error);
  }
}
