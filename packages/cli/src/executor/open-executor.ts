import {
  type ConnectOptions,
  connect,
  type Executor,
  type ExecutorState,
  InvalidArgumentError,
  isLinkError,
  isRelayUrl,
  isRemoteError,
} from "@holdfast/exec-client";
import type { ExecutorLimits } from "@holdfast/executor";
import { backgroundPlace } from "../background/background-place.ts";
import { readyTarget } from "../background/ready-target.ts";
import type { Arguments } from "../command-line/arguments.ts";
import type { Context } from "../command-line/context.ts";
import { CommandFailure, reasonOf, UsageError } from "../command-line/failure.ts";
import { namesCredentials, RELAY_TOKEN_VARIABLE } from "./credential-options.ts";
import type { Credentials } from "./credentials.ts";
import { embeddedExecutor } from "./embedded-executor.ts";
import { executorUrl } from "./executor-url.ts";
import { isProgramUrl } from "./program-url.ts";
import { recoveryTimeMs } from "./recovery-time.ts";
import type { RemoteContext } from "./remote-context.ts";
import { shownExecutor } from "./shown-executor.ts";
import { targetOf } from "./target-of.ts";

/** An executor that is ready for work, wherever it is. Disposing ends the line, and an embedded executor with all it runs. */
export interface OpenExecutor extends AsyncDisposable {
  readonly executor: Executor;
  /** Undefined for the one inside this process. */
  readonly url: URL | undefined;
}

export interface OpenRemoteOptions {
  /** Milliseconds to try for a new line when one is lost; 0 gives up at once. */
  readonly recoveryMs: number;
  /** What the executor is shown, and what it must show. Default: nothing, and what this machine trusts. */
  readonly credentials?: Credentials | undefined;
  /** Take up this session instead of opening one. */
  readonly resumeSessionId?: string | undefined;
  /** Gives up opening, with its reason as the cause. */
  readonly signal?: AbortSignal | undefined;
  /** One connection for each process where the executor can not hold a single one. Default: one for all. */
  readonly ownConnections?: boolean | undefined;
  /** The environment that says whether a background connection is used. Absent: none is. */
  readonly background?: Context["env"] | undefined;
  /** Told when the line is lost, and when it is back or given up. */
  readonly onStateChange?: ((state: ExecutorState) => void) | undefined;
}

const SSH = "ssh:";
const PLAINTEXT_OPTION = "add --allow-plaintext-relay";

/**
 * Open the executor that the arguments and the environment name.
 *
 * @throws UsageError the URL is none. @throws CommandFailure there is no line to it, or it refused.
 */
export async function openExecutor(
  context: Context,
  args: Arguments,
  options: Partial<Pick<OpenRemoteOptions, "onStateChange" | "ownConnections" | "recoveryMs" | "signal">> = {},
): Promise<OpenExecutor> {
  const url = executorUrl(args, context.env);
  const recoveryMs = options.recoveryMs ?? recoveryTimeMs(args);
  if (url === undefined) return openEmbedded(context);
  // Seldom, and a command pays for each module that it loads.
  const credentials = namesCredentials(args, context.env)
    ? await (await import("./credentials.ts")).credentialsOf(args, context, url)
    : {};
  // A line that is ready is one: who wants one for each process dials.
  const background = args.has("no-background") || options.ownConnections === true ? undefined : context.env;
  return openRemote(context, url, { ...options, recoveryMs, credentials, background });
}

/** An executor inside this process, with the folder and environment of this process. */
export async function openEmbedded(
  context: Pick<Context, "env" | "cwd">,
  limits: Partial<ExecutorLimits> = {},
): Promise<OpenExecutor> {
  const embedded = await embeddedExecutor(context, limits);
  const executor = await connect(embedded.port());
  const dispose = async (): Promise<void> => {
    await executor.close();
    await embedded[Symbol.asyncDispose]();
  };
  return { executor, url: undefined, [Symbol.asyncDispose]: dispose };
}

/**
 * Open the executor behind a URL. Its first line is tried for once; one that is lost later is replaced.
 *
 * @throws UsageError the URL is none. @throws CommandFailure there is no line to it, or it is no executor. @throws RemoteError it refused to resume the
 * session.
 */
export async function openRemote(context: RemoteContext, url: URL, options: OpenRemoteOptions): Promise<OpenExecutor> {
  const {
    recoveryMs,
    credentials,
    resumeSessionId,
    ownConnections = false,
    signal,
    onStateChange,
    background,
  } = options;
  const connectOptions: ConnectOptions = {
    ...credentials,
    recovery: recoveryMs > 0 && { deadlineMs: recoveryMs },
    // One program follows one process, by whose session it can be taken up.
    processConnections: ownConnections ? undefined : "shared",
    resumeSessionId,
    signal,
    onStateChange,
  };
  try {
    const executor = await connectTo(context, url, connectOptions, background);
    return { executor, url, [Symbol.asyncDispose]: () => executor.close() };
  } catch (error) {
    if (resumeSessionId !== undefined && isRemoteError(error)) throw error;
    if (error instanceof InvalidArgumentError) {
      const message = error.message.replace(/^target/, "the URL").replace("set allowPlaintextRelay", PLAINTEXT_OPTION);
      throw new UsageError(message, { cause: error });
    }
    throw new CommandFailure(failureText(error, url), { cause: error });
  }
}

/** By a line that is ready, where there is one; by an own one, and have one ready for the next, where there is none. */
async function connectTo(
  context: RemoteContext,
  url: URL,
  options: ConnectOptions,
  background: Context["env"] | undefined,
): Promise<Executor> {
  const target = targetOf(url, context);
  if (background === undefined || options.resumeSessionId !== undefined) return connect(target, options);
  const { token, ca, clientCertificate, allowPlaintextRelay } = options;
  const far = { url, credentials: { token, ca, clientCertificate, allowPlaintextRelay } };
  const place = backgroundPlace(far, background);
  if (place === undefined) return connect(target, options);
  const ready = await readyTarget(far, place, background);
  // A line may break while it waits, unnoticed.
  const overReady = ready && (await connect(ready, options).catch(() => undefined));
  if (overReady !== undefined) return overReady;
  const executor = await connect(target, options);
  const { startBackground } = await import("../background/start-background.ts");
  startBackground(far, place, background);
  return executor;
}

function failureText(error: unknown, url: URL): string {
  const reason = reasonOf(error);
  const hasLine = !isLinkError(error) || error.method !== undefined;
  if (hasLine)
    return `${shownExecutor(url)} did not answer as an executor: ${reason}; ${isProgramUrl(url) ? "check the command" : "check the URL"}`;
  const advice = adviceOn(error, url);
  return advice === undefined ? reason : `${reason}; ${advice}`;
}

/** What helps: an executor that refuses is one that runs. */
function adviceOn(error: unknown, url: URL): string | undefined {
  if (isRelayUrl(url)) return adviceOnRelay(error);
  const status = statusIn(error);
  if (status === 401) return "it wants a token, or another than was given: --token-file FILE, or HOLDFAST_TOKEN";
  if (status === 403) return "it does not accept clients from here, or not with these credentials";
  // It says what helps.
  if (url.protocol === SSH) return undefined;
  if (isProgramUrl(url)) return "is the command right, and installed here?";
  return `is an executor running there? \`holdfast serve --listen ${listenUrl(url)}\` starts one`;
}

/** What helps is in the message; how it is done with this program is not. */
function adviceOnRelay(error: unknown): string | undefined {
  const status = statusIn(error);
  if (status === 401)
    return `--token-file FILE or ${RELAY_TOKEN_VARIABLE} has it, \`holdfast relay token --role client\` makes one`;
  if (status === 404) return "`holdfast serve --remote URL --environment-id ID` starts one";
  return undefined;
}

/** Of HTTP, where that was the answer. */
function statusIn(error: unknown): unknown {
  for (let cause = error; cause instanceof Error; cause = cause.cause) if ("status" in cause) return cause.status;
  return undefined;
}

function listenUrl(url: URL): string {
  return url.protocol === "unix:" ? url.href : url.origin;
}
