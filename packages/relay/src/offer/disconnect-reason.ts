import type { PortClose } from "@holdfast/rpc";

export type DisconnectReason = "peer_close" | "read_error" | "write_error" | "pong_timeout" | "local_shutdown";

/** Why a socket is gone, in the words of the peers. */
export function disconnectReason({ initiator, reason, cause }: PortClose): DisconnectReason {
  if (initiator === "local") return "local_shutdown";
  if (initiator === "remote") return "peer_close";
  if (reason.startsWith("nothing was heard")) return "pong_timeout";
  const isWrite = cause instanceof Error && "syscall" in cause && cause.syscall === "write";
  return isWrite ? "write_error" : "read_error";
}
