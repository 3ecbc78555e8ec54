import { createExecServerCodec } from "@holdfast/exec-server-protocol";
import { createExecServerClient } from "@holdfast/exec-server-protocol/client";
import { type Clock, createPeer, type LinkErrorCode, systemClock } from "@holdfast/rpc";
import { environmentOf } from "./environment.ts";
import { Executor } from "./executor.ts";
import { CONNECT_TIMEOUT_MS, INITIALIZE_TIMEOUT_MS } from "./limits.ts";
import { type ConnectTarget, dial } from "./session/connect-target.ts";
import { followNotices } from "./session/follow-notices.ts";
import { handshake } from "./session/handshake.ts";
import { Session } from "./session/session.ts";

/** Websocket close code of a line whose far end breaks the protocol. */
const PROTOCOL_ERROR = 1002;

/** Not strict: an executor's every word is checked by the validators, and it drops whoever answers a bad one. */
const codec = createExecServerCodec({ strict: false });

export interface ConnectOptions {
  /** Name given to the executor, for its logs. Default `holdfast`. */
  readonly clientName?: string | undefined;
  /** Milliseconds to wait for the line. Default 10,000. */
  readonly connectTimeoutMs?: number | undefined;
  /** Milliseconds to wait for the answer to `initialize`. Default 10,000. */
  readonly initializeTimeoutMs?: number | undefined;
  /** Give up connecting. Without effect once connected. */
  readonly signal?: AbortSignal | undefined;
  /** Headers of the websocket upgrade, e.g. `authorization`. */
  readonly headers?: Readonly<Record<string, string>> | undefined;
  /** Time, for tests. Default: the real clock. */
  readonly clock?: Clock | undefined;
}

/**
 * Connect to an executor and open a session on it.
 *
 * @param target - `ws:` or `wss:` URL, a child to start (`{ command, args, env, cwd }`), or a frame port that leads to
 * an executor. The line belongs to the result: closing it closes the line, and so does a failed handshake.
 * @throws InvalidArgumentError - The target is of no known kind.
 * @throws LinkError - There is no line, or no answer to the handshake: `closed`, `timeout`, `aborted`.
 * @throws RemoteError - The executor refused the session.
 */
export const connect = async (target: ConnectTarget, options: ConnectOptions = {}): Promise<Executor> => {
  const { clientName = "holdfast", signal, headers, clock = systemClock } = options;
  const { connectTimeoutMs = CONNECT_TIMEOUT_MS, initializeTimeoutMs = INITIALIZE_TIMEOUT_MS } = options;
  const port = await dial(target, { connectTimeoutMs, headers, signal, clock });
  let endCode: LinkErrorCode = "closed";
  // A notice that can not be understood may have carried output or an exit: going on would hide that.
  const breach = (reason: string): void => {
    if (peer.state.kind !== "open") return;
    endCode = "malformed";
    peer.close(reason, PROTOCOL_ERROR);
  };
  const onBug = (error: unknown, method: string): void => {
    breach(`invalid params of ${method}: ${error instanceof Error ? error.message : String(error)}`);
  };
  const peer = createPeer({ port, codec, clock, onBug });
  const stub = createExecServerClient(peer, { onInvalid: (error) => breach(error.message) });
  try {
    const { sessionId, environmentInfo } = await handshake(stub, { clientName, initializeTimeoutMs, signal });
    const session = new Session({ id: sessionId, stub, clock });
    followNotices(stub, session);
    peer.closed.then((close) => session.end(close, endCode));
    return new Executor({ session, peer, environment: environmentOf(environmentInfo) });
  } catch (error) {
    peer.close("the handshake failed");
    throw error;
  }
};
