import type { EnvironmentInfo } from "@holdfast/exec-server-protocol";
import { LinkError } from "@holdfast/rpc";
import { ENVIRONMENT_INFO_TIMEOUT_MS } from "../limits.ts";
import type { Line } from "./line.ts";

/** What of a line a handshake needs. */
type FreshLine = Pick<Line, "hear" | "stub">;

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
export async function handshake(line: FreshLine, options: OpeningOptions): Promise<Handshake> {
  const { signal } = options;
  const { sessionId, environmentInfo } = await initialize(line, options);
  if (environmentInfo) return { sessionId, environmentInfo };
  const info = await line.stub.environment.info({ timeoutMs: ENVIRONMENT_INFO_TIMEOUT_MS, signal });
  return { sessionId, environmentInfo: info };
}

/**
 * Resume a session on a new line.
 *
 * @throws LinkError `malformed` - The executor gave another session instead: the processes are not there.
 * @throws RemoteError - It refused: -32010 while it still believes in the old line, -32600 for a session it forgot.
 */
export async function resume(line: FreshLine, id: string, options: HandshakeOptions): Promise<void> {
  await initialize(line, { ...options, resumeSessionId: id });
}

async function initialize(line: FreshLine, options: OpeningOptions) {
  const { clientName, resumeSessionId, initializeTimeoutMs, signal } = options;
  const answer = await line.stub.initialize(
    { clientName, resumeSessionId: resumeSessionId ?? null },
    { timeoutMs: initializeTimeoutMs, signal },
  );
  if (resumeSessionId !== undefined && answer.sessionId !== resumeSessionId) {
    const message = `the executor answered with session ${answer.sessionId} instead of ${resumeSessionId}`;
    throw new LinkError("malformed", message, { delivery: "unknown", method: "initialize" });
  }
  line.hear(answer.environmentInfo);
  line.stub.initialized();
  return answer;
}
