import { ERROR_CODES, methodRow } from "@holdfast/exec-server-protocol";
import { RpcFault } from "@holdfast/rpc";

/** How far a client has come with its handshake. */
export type HandshakeState = "fresh" | "opening" | "initialized" | "ready";

/** Let a call of a client pass, or refuse it in the words of executors. @throws RpcFault */
export function checkHandshake(state: HandshakeState, method: string): void {
  if (state === "ready") return;
  const row = methodRow(method);
  if (row?.kind !== "request" || row.family === null) {
    const message = `exec-server stub does not implement \`${method}\` yet`;
    throw new RpcFault(ERROR_CODES.MethodNotFound, message);
  }
  const missing = state === "initialized" ? "send initialized" : "call initialize";
  throw new RpcFault(ERROR_CODES.InvalidRequest, `client must ${missing} before using ${row.family} methods`);
}
