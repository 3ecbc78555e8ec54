import { NATS_LIMITS } from "./limits.ts";

/** What a node has of a stream that it shares with another one. */
export interface SharedHalf {
  /** The other half can't be reached: only this end is told. */
  abandon(reason: string): void;
}

/** Another node as this one sees it: the streams that both have a half of, and what is on the way there. */
export class Neighbour {
  readonly node: string;
  readonly halves = new Set<SharedHalf>();
  /** Sent and not known to have arrived, bytes. */
  onTheWayBytes = 0;
  /** Signs of life that it did not give, one after the other. */
  missedBeats = 0;
  isAsked = false;

  constructor(node: string) {
    this.node = node;
  }

  /** What may be on the way of one stream until its sender is to hold it, bytes. */
  get windowBytes(): number {
    const share = NATS_LIMITS.windowOfNodeBytes / Math.max(1, this.halves.size);
    return Math.max(NATS_LIMITS.windowMinBytes, Math.min(NATS_LIMITS.windowMaxBytes, share));
  }
}
