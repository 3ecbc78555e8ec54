import { canReadPeerCredentials, peerCredentials } from "../platform/peer-credentials.ts";
import { ownPid, statusOf } from "./process-status.ts";

/**
 * The process that connected a unix socket. `free`: it lives in the process namespace of this one. `self`: it is this one. `confined`: it lives in
 * another one below, as all that is confined does. `unseen`: it has ended, or lives where this process can not see it.
 */
export interface SocketPeer {
  readonly uid: number;
  readonly pid: number;
  readonly place: "free" | "self" | "confined" | "unseen";
}

/** Whether {@link socketPeer} can tell processes apart here. */
export function canTellSocketPeers(): boolean {
  return canReadPeerCredentials() && (statusOf("self")?.depth ?? 0) > 0;
}

/**
 * Find out who connected a unix socket.
 *
 * @param descriptor - Of the end that was accepted.
 * @returns `undefined` where the system does not tell.
 * @throws the system's error when it has nothing left to look with.
 */
export function socketPeer(descriptor: number): SocketPeer | undefined {
  using peer = peerCredentials(descriptor);
  if (peer === undefined) return undefined;
  const { uid, pid } = peer;
  const own = statusOf("self");
  const status = pid === 0 ? undefined : statusOf(pid);
  // Looked at before: a process that has taken its id is not it.
  if (status === undefined || own === undefined || !peer.isCurrent()) return { uid, pid, place: "unseen" };
  if (status.depth !== own.depth) return { uid, pid, place: "confined" };
  return { uid, pid, place: pid === ownPid() ? "self" : "free" };
}
