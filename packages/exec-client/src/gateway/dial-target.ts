import { type FramePort, systemClock } from "@holdfast/rpc";
import type { ConnectOptions } from "../connect.ts";
import { CONNECT_TIMEOUT_MS } from "../limits.ts";
import { type ConnectTarget, dial } from "../session/connect-target.ts";

/** How to dial an executor once. */
export type DialTargetOptions = Pick<
  ConnectOptions,
  "token" | "ca" | "clientCertificate" | "allowPlaintextRelay" | "signal"
>;

/** Open a connection as `connect` does, for who puts something in between. @throws LinkError there is none. */
export function dialTarget(target: ConnectTarget, options: DialTargetOptions = {}): Promise<FramePort> {
  const { token, ca, clientCertificate, allowPlaintextRelay, signal } = options;
  const how = { connectTimeoutMs: CONNECT_TIMEOUT_MS, headers: undefined, clock: systemClock };
  return dial(target, { ...how, token, ca, clientCertificate, allowPlaintextRelay, signal });
}
