import type { PeerLimits } from "./peer-types.ts";

/** What a peer keeps to unless `PeerOptions.limits` says otherwise. */
export const DEFAULT_PEER_LIMITS: PeerLimits = {
  maxPendingCalls: 1_024,
  maxUrgentCalls: 1_024,
  maxQueuedCalls: 65_536,
  maxCallBytes: Number.POSITIVE_INFINITY,
  maxQueuedCallBytes: 64 * 1024 * 1024,
  maxRunningCalls: 4_096,
  maxQueuedAnswerBytes: 16 * 1024 * 1024,
  maxHeldBytes: 64 * 1024 * 1024,
};
