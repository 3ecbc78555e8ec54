import type { EnvironmentInfo } from "@holdfast/exec-server-protocol";
import type { ExecServerClient } from "@holdfast/exec-server-protocol/client";
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
