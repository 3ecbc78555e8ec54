import type { RelayFrameBody } from "./frame.ts";

/* Numbers of `proto/relay.proto`. */

export const FRAME_VERSION = 1;
export const FRAME = { version: 1, streamId: 2, ack: 3, ackBits: 4, traceparent: 11, tracestate: 12 } as const;
export const BODY = { data: 5, ack: 6, resume: 7, reset: 8, heartbeat: 9, handshake: 10 } as const satisfies Record<
  RelayFrameBody["kind"],
  number
>;
export const DATA = { sequence: 1, segmentIndex: 2, segmentCount: 3, payload: 4 } as const;
export const RESUME = { nextSequence: 1 } as const;
export const RESET = { reason: 1 } as const;
export const HEARTBEAT = { hold: 1_000 } as const;
export const HANDSHAKE = { payload: 1 } as const;
