import { type FramePort, systemClock } from "@holdfast/rpc";
import { CONNECT_TIMEOUT_MS } from "../limits.ts";
import { type ConnectTarget, dial } from "../session/connect-target.ts";

/** How to dial an executor once. */
export interface DialTargetOptions {
  readonly token?: string | undefined;
  readonly signal?: AbortSignal | undefined;
}

/** Open a connection as `connect` does, for who puts something in between. @throws LinkError there is none. */
export function dialTarget(target: ConnectTarget, { token, signal }: DialTargetOptions = {}): Promise<FramePort> {
  const clock = systemClock;
  return dial(target, { connectTimeoutMs: CONNECT_TIMEOUT_MS, headers: undefined, token, signal, clock });
}
