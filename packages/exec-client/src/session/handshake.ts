import type { EnvironmentInfo } from "@holdfast/exec-server-protocol";
import type { ExecServerClient } from "@holdfast/exec-server-protocol/client";
import { LinkError } from "@holdfast/rpc";
import { ENVIRONMENT_INFO_TIMEOUT_MS } from "../limits.ts";

export interface HandshakeOptions {
  readonly clientName: string;
  readonly initializeTimeoutMs: number;
  readonly signal: AbortSignal | undefined;
}

/** What a handshake yields. */
export interface Handshake {
  readonly sessionId: string;
  readonly environmentInfo: EnvironmentInfo;
}

/** Open a session: `initialize`, `initialized`, and `environment/info` where `initialize` did not bring it along. */
export const handshake = async (stub: ExecServerClient, options: HandshakeOptions): Promise<Handshake> => {
  const { clientName, initializeTimeoutMs, signal } = options;
  const { sessionId, environmentInfo } = await stub.initialize(
    { clientName, resumeSessionId: null },
    { timeoutMs: initializeTimeoutMs, signal },
  );
  stub.initialized();
  if (environmentInfo) return { sessionId, environmentInfo };
  const info = await stub.environment.info({ timeoutMs: ENVIRONMENT_INFO_TIMEOUT_MS, signal });
  return { sessionId, environmentInfo: info };
};

/**
 * Take up a session again on a new line.
 *
 * @throws LinkError `malformed` - The executor gave another session instead: the processes are not there.
 * @throws RemoteError - It refused: -32010 while it still believes in the old line, -32600 for a session it forgot.
 */
export const resume = async (stub: ExecServerClient, id: string, options: HandshakeOptions): Promise<void> => {
  const { clientName, initializeTimeoutMs, signal } = options;
  const { sessionId } = await stub.initialize(
    { clientName, resumeSessionId: id },
    { timeoutMs: initializeTimeoutMs, signal },
  );
  if (sessionId !== id) {
    const message = `the executor answered with session ${sessionId} instead of ${id}`;
    throw new LinkError("malformed", message, { delivery: "unknown", method: "initialize" });
  }
  stub.initialized();
};
