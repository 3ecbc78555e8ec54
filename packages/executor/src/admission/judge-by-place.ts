import type { AdmissionOptions, AdmissionVerdict, SocketConnection } from "./admission.ts";
import { type ConnectionEnds, isOfThisMachine } from "./far-socket.ts";

/** Decide by the machine that a client is on, where the system does not tell who it is. */
export function judgeByPlace(
  connection: ConnectionEnds | SocketConnection,
  { otherMachines, asksForSecret = false }: Pick<AdmissionOptions, "otherMachines" | "asksForSecret">,
): AdmissionVerdict {
  const who = asksForSecret ? "a client with the secret" : "a client";
  if ("descriptor" in connection) return { kind: "admitted", name: `${who} on the unix socket` };
  const { address } = connection.remote;
  if (isOfThisMachine(address)) return { kind: "admitted", name: `${who} on this machine` };
  return otherMachines
    ? { kind: "admitted", name: `${who} on another machine, ${address}` }
    : { kind: "refused", reason: "the connection is from another machine" };
}
