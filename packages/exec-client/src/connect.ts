import { abortedBy, type ClientCertificate, type Clock, systemClock } from "@holdfast/rpc";
import {
  abortSignal,
  anything,
  callback,
  checkOptions,
  clientCertificate,
  duration,
  flag,
  keepAlive,
  type OptionChecks,
  objectOrNull,
  oneOf,
  type RecoverySettings,
  recover,
  stringsByName,
  text,
  timeLimit,
} from "@holdfast/rpc/client";
import type { Environment } from "./environment.ts";
import { InvalidArgumentError } from "./errors.ts";
import { Executor, type ExecutorState } from "./executor.ts";
import { openHttpLines } from "./http/open-http-lines.ts";
import { CONNECT_TIMEOUT_MS, INITIALIZE_TIMEOUT_MS, RECOVERY_DEADLINE_MS } from "./limits.ts";
import { type ConnectTarget, checkInClear, checkTarget, retryPausesOf } from "./session/connect-target.ts";
import { Connector, type OpenedSession } from "./session/connector.ts";
import { isRetryable } from "./session/is-retryable.ts";
import { OwnSessions } from "./session/own-sessions.ts";

/** How long and how often to try to reconnect after the connection was lost. */
export interface RecoveryOptions {
  /** Milliseconds from the loss of the connection until the session is given up. Default 45,000. */
  readonly deadlineMs?: number | undefined;
  /**
   * Milliseconds between two attempts. Default 100; 1,000 where each starts a program: ssh, or a command with `redial`; through a relay 500 to 750
   * after the first failure, and twice as much after each, up to 5,000 to 7,500.
   */
  readonly retryIntervalMs?: number | undefined;
}

export interface ConnectOptions {
  /** Name given to the executor, for its logs. Default `holdfast`. */
  readonly clientName?: string | undefined;
  /**
   * Resume this session, which another client left or lost, instead of opening one. Its processes are found by
   * `executor.processes.attach`. Default: a new session.
   */
  readonly resumeSessionId?: string | undefined;
  /**
   * Milliseconds to go on trying while nobody answers, so that an executor may be started at the same time. Every attempt has
   * `connectTimeoutMs` and `initializeTimeoutMs` of its own; what refuses is final. Needs a URL or a way to dial. Default 0: one attempt.
   */
  readonly retryForMs?: number | undefined;
  /**
   * Milliseconds to wait for the connection. Default 10,000. Through a relay they are for its socket, and for the executor's answer to the
   * handshake; its registry has 6,000 for each of up to five answers, and 14,000 for all.
   */
  readonly connectTimeoutMs?: number | undefined;
  /** Milliseconds to wait for the answer to `initialize`. Default 10,000. */
  readonly initializeTimeoutMs?: number | undefined;
  /** Give up connecting. Without effect once connected. */
  readonly signal?: AbortSignal | undefined;
  /** Headers of the websocket upgrade, e.g. `authorization`; through a relay of the requests to its registry alone, e.g. `chatgpt-account-id`. */
  readonly headers?: Readonly<Record<string, string>> | undefined;
  /**
   * The secret that the executor asks for, of a `ws:` or `wss:` target: what is in the file of `holdfast serve --ws-token-file`. Browsers can
   * send it too. Of a `relay+https:` target: the token of a client that its registry asks for, which nobody else is shown. Default: none.
   */
  readonly token?: string | undefined;
  /**
   * Certificates in PEM of the authorities that may vouch for the executor, of a `wss:` target, or for the relay and its registry, in place of those
   * that the system trusts. Not in a browser. Default: those.
   */
  readonly ca?: string | undefined;
  /**
   * Certificate and private key in PEM, for an executor that asks for one (`holdfast serve --tls-client-ca`). Not in a browser. Default: none.
   */
  readonly clientCertificate?: ClientCertificate | undefined;
  /**
   * Whether a `relay+http:` target may be on another machine, and its sockets `ws:`. The token and the addresses of sockets can then be read and
   * used by who is on the network; what is said to the executor can not. Default false: on this machine alone.
   */
  readonly allowPlaintextRelay?: boolean | undefined;
  /**
   * What to do about a lost connection, where the target can be dialled again: a URL or a way to dial. `false`: nothing, it is
   * the end. Default: 45 s of attempts.
   */
  readonly recovery?: RecoveryOptions | false | undefined;
  /**
   * Where the processes run that `processes.start` starts. `shared`: in the session of this executor, over its one connection.
   * `own`: each in a session of its own, over a connection of its own (64 at a time, then shared), so that a slow reader of one stops no
   * other; another client resumes it by `process.sessionId`. Default: `own` where the executor can not hold back a single process
   * (releases of Codex), the target can be dialled again, not through a relay, and no session is resumed; else `shared`.
   */
  readonly processConnections?: "own" | "shared" | undefined;
  /**
   * Whether closing this executor ends the processes that it started and that still run; else they run on until the executor gives
   * the session up. `start` takes it for one process. Default false.
   */
  readonly terminateOnClose?: boolean | undefined;
  /** Called after every change of `executor.state`, in a task of its own. What it throws is an uncaught exception. */
  readonly onStateChange?: ((state: ExecutorState) => void) | undefined;
  /** Time, for tests. Default: the real clock. */
  readonly clock?: Clock | undefined;
}

const CONNECT_OPTIONS: OptionChecks<ConnectOptions> = {
  clientName: text,
  resumeSessionId: text,
  retryForMs: duration,
  connectTimeoutMs: timeLimit,
  initializeTimeoutMs: timeLimit,
  signal: abortSignal,
  headers: stringsByName,
  token: text,
  ca: text,
  clientCertificate,
  allowPlaintextRelay: flag,
  recovery: (value, name) => {
    if (value !== false) objectOrNull(value, name);
  },
  processConnections: oneOf("own", "shared"),
  terminateOnClose: flag,
  onStateChange: callback,
  clock: anything,
};

const RECOVERY_OPTIONS: OptionChecks<RecoveryOptions> = {
  deadlineMs: (value) => duration(value, "recovery.deadlineMs"),
  retryIntervalMs: (value) => timeLimit(value, "recovery.retryIntervalMs"),
};

/**
 * Connect to an executor and open a session on it.
 *
 * A connection that is lost later is replaced where the target allows it; see {@link ConnectOptions.recovery}. The first one is
 * tried for once, or as long as {@link ConnectOptions.retryForMs} says.
 *
 * @param target - `ws:`, `wss:`, `unix:`, `ssh:` or `relay+https:` URL, what finds one before each connection (`{ resolveUrl }`), ssh with a way of its own (`{ ssh: url, command }`), a child to start (`{ command, args, env, cwd }`), a way to dial (`{ dial }`), or a
 * frame port that leads to an executor. The connection belongs to the result: closing one closes the other, and so does a failed
 * handshake.
 * @throws InvalidArgumentError - The target is of no known kind, or an option is out of range.
 * @throws LinkError - There is no connection, or no answer to the handshake: `closed`, `timeout`, `aborted`. `malformed`: the
 * executor answered with another session than `resumeSessionId`.
 * @throws RemoteError - The executor refused the session. Of `resumeSessionId`: -32600 when it knows no such session, or
 * its time is up; -32010 while another connection is attached to it.
 */
export async function connect(target: ConnectTarget, options: ConnectOptions = {}): Promise<Executor> {
  checkTarget(target);
  checkOptions(options, CONNECT_OPTIONS, "connect");
  checkInClear(target, options.allowPlaintextRelay);
  const { clientName = "holdfast", resumeSessionId, onStateChange, clock = systemClock } = options;
  const { headers, token, ca, clientCertificate, allowPlaintextRelay } = options;
  if (resumeSessionId === "") throw new InvalidArgumentError("resumeSessionId", "resumeSessionId must not be empty");
  const { connectTimeoutMs = CONNECT_TIMEOUT_MS, initializeTimeoutMs = INITIALIZE_TIMEOUT_MS } = options;
  const connector = new Connector({
    target,
    clientName,
    connectTimeoutMs,
    initializeTimeoutMs,
    headers,
    token,
    ca,
    clientCertificate,
    allowPlaintextRelay,
    clock,
    recovery: settingsOf(options.recovery, target),
  });
  const { session, environment } = await openPatiently(options, target, connector, (signal) =>
    connector.openSession({ resumeSessionId, signal, onStateChange }),
  ).catch((error: unknown) => {
    connector.forget();
    throw error;
  });
  void session.closed.then(() => connector.forget());
  return new Executor({
    session,
    own: usesOwnConnections(options, connector, environment) ? new OwnSessions(connector) : undefined,
    http: openHttpLines(session, connector),
    environment,
    terminatesOnClose: options.terminateOnClose ?? false,
  });
}

/** Open it, again and again for as long as the caller says. */
async function openPatiently(
  { retryForMs = 0, signal, recovery, clock = systemClock }: ConnectOptions,
  target: ConnectTarget,
  { canDialAgain }: Connector,
  open: (signal: AbortSignal | undefined) => Promise<OpenedSession>,
): Promise<OpenedSession> {
  if (retryForMs === 0) return open(signal);
  if (!canDialAgain) {
    const message = "retryForMs needs a target that can be dialled again: a URL or a way to dial";
    throw new InvalidArgumentError("retryForMs", message);
  }
  const pauses = retryPausesOf(target, recovery === false ? undefined : recovery?.retryIntervalMs);
  const stopKeepingAlive = keepAlive();
  try {
    const stop = signal ?? new AbortController().signal;
    const settings = {
      ...pauses,
      clock,
      deadlineMs: retryForMs,
      delayMs: 0,
      stop,
      what: "connecting",
      isRetryable,
    };
    return await recover(open, settings);
  } catch (error) {
    if (signal?.aborted) throw abortedBy(signal, "connect", { delivery: "not-sent" });
    throw error;
  } finally {
    stopKeepingAlive();
  }
}

function usesOwnConnections(
  { processConnections, resumeSessionId }: ConnectOptions,
  connector: Connector,
  { capabilities }: Environment,
): boolean {
  if (processConnections === "own" && !connector.canDialAgain) {
    const message = "processConnections must not be own: the target is a connection that is already there, or a child";
    throw new InvalidArgumentError("processConnections", message);
  }
  if (processConnections !== undefined) return processConnections === "own";
  // There each would be asked for, signed, opened and shaken hands over.
  if (connector.leadsThroughRelay) return false;
  return connector.canDialAgain && !capabilities.holdfastOutputHold && resumeSessionId === undefined;
}

function settingsOf(recovery: ConnectOptions["recovery"] = {}, target: ConnectTarget): RecoverySettings | undefined {
  if (recovery === false) return undefined;
  checkOptions(recovery, RECOVERY_OPTIONS, "connect (recovery)");
  const { deadlineMs = RECOVERY_DEADLINE_MS, retryIntervalMs } = recovery;
  return { deadlineMs, ...retryPausesOf(target, retryIntervalMs) };
}
