import type { EnvironmentInfo } from "@holdfast/exec-server-protocol";
import type { ExecServerClient } from "@holdfast/exec-server-protocol/client";
import { LinkError } from "@holdfast/rpc";
import { ENVIRONMENT_INFO_TIMEOUT_MS } from "../limits.ts";

export interface HandshakeOptions {
  readonly clientName: string;
  readonly initializeTimeoutMs: number;
  readonly signal: AbortSignal | undefined;
}

/** How a session is begun on a new line. */
export interface OpeningOptions extends HandshakeOptions {
  /** The session to resume; undefined for a new one. */
  readonly resumeSessionId: string | undefined;
}

/** What a handshake yields. */
export interface Handshake {
  readonly sessionId: string;
  readonly environmentInfo: EnvironmentInfo;
}

/**
 * Open a session or take one up: `initialize`, `initialized`, and `environment/info` where `initialize` did not bring it
 * along.
 *
 * @throws LinkError, RemoteError - As {@link resume}.
 */
export async function handshake(stub: ExecServerClient, options: OpeningOptions): Promise<Handshake> {
  const { signal } = options;
  const { sessionId, environmentInfo } = await initialize(stub, options);
  if (environmentInfo) return { sessionId, environmentInfo };
  const info = await stub.environment.info({ timeoutMs: ENVIRONMENT_INFO_TIMEOUT_MS, signal });
  return { sessionId, environmentInfo: info };
}

/**
 * Resume a session on a new line.
 *
 * @throws LinkError `malformed` - The executor gave another session instead: the processes are not there.
 * @throws RemoteError - It refused: -32010 while it still believes in the old line, -32600 for a session it forgot.
 */
export async function resume(stub: ExecServerClient, id: string, options: HandshakeOptions): Promise<void> {
  await initialize(stub, { ...options, resumeSessionId: id });
}

async function initialize(stub: ExecServerClient, options: OpeningOptions) {
  const { clientName, resumeSessionId, initializeTimeoutMs, signal } = options;
  const answer = await stub.initialize(
    { clientName, resumeSessionId: resumeSessionId ?? null },
    { timeoutMs: initializeTimeoutMs, signal },
  );
  if (resumeSessionId !== undefined && answer.sessionId !== resumeSessionId) {
    const message = `the executor answered with session ${answer.sessionId} instead of ${resumeSessionId}`;
    throw new LinkError("malformed", message, { delivery: "unknown", method: "initialize" });
  }
  stub.initialized();
  return answer;
}
