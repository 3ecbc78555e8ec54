import { connect, type Executor, isLinkError } from "@holdfast/exec-client";
import type { FramePort } from "@holdfast/rpc";
import type { Arguments } from "../command-line/arguments.ts";
import type { Context } from "../command-line/context.ts";
import { CommandFailure, reasonOf } from "../command-line/failure.ts";
import { version } from "../version.ts";
import { executorUrl } from "./executor-url.ts";
import { HoldablePort } from "./holdable-port.ts";

/** An executor that is ready for work, wherever it is. Disposing ends the line, and an embedded executor with all it runs. */
export interface OpenExecutor extends AsyncDisposable {
  readonly executor: Executor;
  readonly line: HoldablePort;
  /** Undefined for the one inside this process. */
  readonly url: URL | undefined;
}

/** Often enough that an executor which waits for signs of life sees them while a held line leaves its pings unread. */
const PING_INTERVAL_MS = 10_000;

/**
 * Open the executor that the arguments and the environment name.
 *
 * @throws UsageError the URL is none. @throws CommandFailure there is no line to it, or it refused.
 */
export async function openExecutor(context: Context, args: Arguments): Promise<OpenExecutor> {
  const url = executorUrl(args.text("url"), context.env);
  return url === undefined ? openEmbedded(context) : openRemote(url);
}

/** An executor inside this process, with the folder and environment of this process. */
export async function openEmbedded({ env, cwd }: Pick<Context, "env" | "cwd">): Promise<OpenExecutor> {
  const [{ createExecutor }, { memoryLink }] = await Promise.all([
    import("@holdfast/executor"),
    import("@holdfast/rpc/memory"),
  ]);
  const [near, far] = memoryLink();
  const embedded = createExecutor({ env, cwd, version: version() });
  embedded.accept(far);
  const line = new HoldablePort(near);
  const executor = await connect(line);
  const dispose = async (): Promise<void> => {
    await executor.close();
    await embedded.close();
  };
  return { executor, line, url: undefined, [Symbol.asyncDispose]: dispose };
}

async function openRemote(url: URL): Promise<OpenExecutor> {
  const line = new HoldablePort(await dial(url));
  try {
    const executor = await connect(line);
    return { executor, line, url, [Symbol.asyncDispose]: () => executor.close() };
  } catch (error) {
    throw new CommandFailure(`${url.href} did not answer as an executor: ${reasonOf(error)}; check the URL`, {
      cause: error,
    });
  }
}

async function dial(url: URL): Promise<FramePort> {
  const { connectWebSocket } = await import("@holdfast/rpc/websocket");
  try {
    return await connectWebSocket(url.href, { pingIntervalMs: PING_INTERVAL_MS });
  } catch (error) {
    const advice = `is an executor running there? \`holdfast serve --listen ${url.origin}\` starts one`;
    const what = isLinkError(error) ? reasonOf(error) : `cannot connect to ${url.href}: ${reasonOf(error)}`;
    throw new CommandFailure(`${what}; ${advice}`, { cause: error });
  }
}
