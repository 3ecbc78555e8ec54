import type { ClientInfo, InitializeCapabilities } from "@holdfast/app-server-protocol";
import type { InvalidMessageError } from "@holdfast/app-server-protocol/client";
import type { Approve } from "@holdfast/app-server-protocol/threads";
import { abortedBy, type ClientCertificate, type Clock, type ReceivedNotice, systemClock } from "@holdfast/rpc";
import {
  abortSignal,
  anything,
  callback,
  checkOptions,
  clientCertificate,
  duration,
  InvalidArgumentError,
  keepAlive,
  type OptionChecks,
  objectOrNull,
  type RecoverySettings,
  recover,
  stringsByName,
  text,
  timeLimit,
} from "@holdfast/rpc/client";
import { type AppServer, appServerOver } from "./app-server.ts";
import {
  CALL_TIMEOUT_MS,
  CONNECT_TIMEOUT_MS,
  INITIALIZE_TIMEOUT_MS,
  RECOVERY_BACKOFF,
  RECOVERY_DEADLINE_MS,
} from "./limits.ts";
import { type ServerRequestHandlers, ServerRequests } from "./session/server-requests.ts";
import { Session } from "./session/session.ts";
import { type AppServerTarget, canDialAgain, checkTarget, dial } from "./targets.ts";

/** How long and how often to try to reconnect after the connection was lost. */
export interface RecoveryOptions {
  /** Milliseconds from the loss of the connection until the client is given up. Default 45,000. */
  readonly deadlineMs?: number | undefined;
  /** Milliseconds before the second attempt; each further pause is twice as long, up to `maxRetryIntervalMs`. Default 100. */
  readonly retryIntervalMs?: number | undefined;
  /** Default 2,000. */
  readonly maxRetryIntervalMs?: number | undefined;
}

/** Options of {@link connectAppServer}. */
export interface ConnectAppServerOptions {
  /** Who connects, for the server's logs and its user agent. Default `{ name: "holdfast", version: "0" }`. */
  readonly clientInfo?: ClientInfo | undefined;
  /**
   * What this client can do and wants: `experimentalApi` for methods and members that are experimental, `optOutNotificationMethods` for notices
   * that are not to be sent. Default: none.
   */
  readonly capabilities?: InitializeCapabilities | undefined;
  /**
   * What to answer to requests of the server, by wire name: approvals, elicitations, tools, user input. Without one, approvals and elicitations are
   * declined, and others refused with -32601, which names the method. What a handler throws is answered as an error; see `onError`.
   */
  readonly handlers?: ServerRequestHandlers | undefined;
  /** Decides about the approvals of all threads that have no callback of their own (`codex.threads.start({ approve })`), before `handlers` do. Default: none. */
  readonly approve?: Approve | undefined;
  /** Called with notices of methods that this version does not know. Default: they are dropped. */
  readonly onUnknown?: ((notice: { readonly method: string; readonly params: unknown }) => void) | undefined;
  /**
   * Called with what the server sent and can not be used: a notice whose params are not what the protocol says, or a message that can not be read at
   * all, which has no `method` then. It is dropped, and the connection goes on. Default: nothing.
   */
  readonly onInvalid?: ((error: InvalidMessageError | UnreadableMessageError) => void) | undefined;
  /** Called with what a handler or listener of yours threw. Default: it is an uncaught exception, as that of any listener of an event. */
  readonly onError?: ((error: unknown, method: string) => void) | undefined;
  /** The secret that a websocket listener asks for: what is in the file of `codex app-server --ws-token-file`. Default: none. */
  readonly token?: string | undefined;
  /** Headers of the websocket upgrade. Not in a browser. */
  readonly headers?: Readonly<Record<string, string>> | undefined;
  /** Certificates in PEM of the authorities that may vouch for a `wss:` listener. Not in a browser. Default: those that the system trusts. */
  readonly ca?: string | undefined;
  /** Certificate and private key in PEM, for a listener that asks for one. Not in a browser. Default: none. */
  readonly clientCertificate?: ClientCertificate | undefined;
  /** Milliseconds to go on trying while nobody answers, so that a server may be started at the same time. Needs a URL or a way to dial. Default 0. */
  readonly retryForMs?: number | undefined;
  /** Milliseconds to wait for the connection. Default 10,000. */
  readonly connectTimeoutMs?: number | undefined;
  /** Milliseconds to wait for the answer to `initialize`. Default 30,000. */
  readonly initializeTimeoutMs?: number | undefined;
  /**
   * Milliseconds to wait for the answer to a call that does not say itself (`timeoutMs` of its options). `Infinity`: no limit. Default 60,000; ten minutes
   * for calls that wait for an MCP server, a download or a login; a command's own time besides for `command/exec`.
   */
  readonly callTimeoutMs?: number | undefined;
  /** Give up connecting. Without effect once connected. */
  readonly signal?: AbortSignal | undefined;
  /** What to do about a lost connection, where the target can be dialled again: a URL or a way to dial. `false`: nothing, it is the end. */
  readonly recovery?: RecoveryOptions | false | undefined;
  /** Time, for tests. Default: the real clock. */
  readonly clock?: Clock | undefined;
}

/** A message of the server that is no message of the protocol. */
export class UnreadableMessageError extends Error {
  override readonly name = "UnreadableMessageError";

  constructor(reason: string) {
    super(`the app server sent a message that can not be read: ${reason}`);
  }
}

const CONNECT_OPTIONS: OptionChecks<ConnectAppServerOptions> = {
  clientInfo: objectOrNull,
  capabilities: objectOrNull,
  handlers: objectOrNull,
  approve: callback,
  onUnknown: callback,
  onInvalid: callback,
  onError: callback,
  token: text,
  headers: stringsByName,
  ca: text,
  clientCertificate,
  retryForMs: duration,
  connectTimeoutMs: timeLimit,
  initializeTimeoutMs: timeLimit,
  callTimeoutMs: timeLimit,
  signal: abortSignal,
  recovery: (value, name) => {
    if (value !== false) objectOrNull(value, name);
  },
  clock: anything,
};

const RECOVERY_OPTIONS: OptionChecks<RecoveryOptions> = {
  deadlineMs: (value) => duration(value, "recovery.deadlineMs"),
  retryIntervalMs: (value) => timeLimit(value, "recovery.retryIntervalMs"),
  maxRetryIntervalMs: (value) => timeLimit(value, "recovery.maxRetryIntervalMs"),
};

/**
 * Connect to a Codex app server and do the handshake.
 *
 * A connection that is lost later is replaced where the target allows it: the client subscribes to the same threads again and says what may have been
 * missed; see {@link AppServerConnection.onConnection}.
 *
 * @param target - `ws:`, `wss:` or `unix:` URL, a child to start (`{ command: "codex", args: ["app-server"] }`), a way to dial (`{ dial }`), or a
 * frame port that leads to an app server. The connection belongs to the result: closing one closes the other.
 * @throws InvalidArgumentError - The target is of no known kind, or an option is out of range.
 * @throws LinkError - There is no connection, or no answer to the handshake: `closed`, `timeout`, `aborted`.
 * @throws RemoteError - The server refused the handshake. @throws InvalidMessageError - It answered with something else.
 */
export async function connectAppServer(
  target: AppServerTarget,
  options: ConnectAppServerOptions = {},
): Promise<AppServer> {
  checkTarget(target);
  checkOptions(options, CONNECT_OPTIONS, "connectAppServer");
  const { onInvalid = () => {}, onUnknown = () => {}, onError = uncaught, clock = systemClock } = options;
  const { handlers = {}, approve } = options;
  const requests = new ServerRequests(handlers, onError);
  const recovery = canDialAgain(target) ? settingsOf(options.recovery) : undefined;
  const openSession = async (signal: AbortSignal | undefined): Promise<Session> => {
    const session = new Session({
      dial: (dialSignal) => dial(target, { ...credentialsOf(options), signal: dialSignal, clock }),
      initialize: initializeOf(options),
      initializeTimeoutMs: options.initializeTimeoutMs ?? INITIALIZE_TIMEOUT_MS,
      callTimeoutMs: options.callTimeoutMs ?? CALL_TIMEOUT_MS,
      requests,
      recovery,
      clock,
      onUnreadable: (reason) => onInvalid(new UnreadableMessageError(reason)),
      onUnknown: ({ method, params }: ReceivedNotice) => onUnknown({ method, params }),
      onError,
    });
    await session.open(signal);
    return session;
  };
  const server = appServerOver(await openPatiently(options, target, openSession), {
    onInvalid,
    onThrow: (error) => onError(error, ""),
    approve,
    clock,
  });
  await requests.use(server.threads.handlers(handlers));
  return server;
}

/** Open it, again and again for as long as the caller says. */
async function openPatiently(
  { retryForMs = 0, signal, recovery, clock = systemClock }: ConnectAppServerOptions,
  target: AppServerTarget,
  open: (signal: AbortSignal | undefined) => Promise<Session>,
): Promise<Session> {
  if (retryForMs === 0) return open(signal);
  if (!canDialAgain(target)) {
    const message = "retryForMs needs a target that can be dialled again: a URL or a way to dial";
    throw new InvalidArgumentError("retryForMs", message);
  }
  const stopKeepingAlive = keepAlive();
  try {
    const stop = signal ?? new AbortController().signal;
    const settings = { ...settingsOf(recovery || {}), deadlineMs: retryForMs, delayMs: 0, clock, stop };
    return await recover(open, { ...settings, what: "connecting" });
  } catch (error) {
    if (signal?.aborted) throw abortedBy(signal, "connectAppServer", { delivery: "not-sent" });
    throw error;
  } finally {
    stopKeepingAlive();
  }
}

function settingsOf(recovery: RecoveryOptions): RecoverySettings;
function settingsOf(recovery: ConnectAppServerOptions["recovery"]): RecoverySettings | undefined;
function settingsOf(recovery: ConnectAppServerOptions["recovery"] = {}): RecoverySettings | undefined {
  if (recovery === false) return undefined;
  checkOptions(recovery, RECOVERY_OPTIONS, "connectAppServer (recovery)");
  const { deadlineMs = RECOVERY_DEADLINE_MS, retryIntervalMs = RECOVERY_BACKOFF.firstMs } = recovery;
  const { maxRetryIntervalMs = Math.max(RECOVERY_BACKOFF.maxMs, retryIntervalMs) } = recovery;
  return { deadlineMs, retryIntervalMs, maxRetryIntervalMs };
}

function credentialsOf({ connectTimeoutMs, headers, token, ca, clientCertificate }: ConnectAppServerOptions) {
  return { connectTimeoutMs: connectTimeoutMs ?? CONNECT_TIMEOUT_MS, headers, token, ca, clientCertificate };
}

function initializeOf({ clientInfo, capabilities }: ConnectAppServerOptions) {
  const who = clientInfo ?? { name: "holdfast", version: "0" };
  return capabilities === undefined ? { clientInfo: who } : { clientInfo: who, capabilities };
}

/** In a task of its own, so that it stops nothing half-way. */
function uncaught(error: unknown): void {
  queueMicrotask(() => {
    throw error;
  });
}
