import type { PortClose } from "@holdfast/rpc";

/** Why a socket ended, without the words of whoever is at the other end: nobody has vouched for them. */
export function closeText({ initiator, code, reason }: PortClose): string {
  return initiator === "remote" ? `the other end closed the connection (${code ?? "no code"})` : reason;
}
