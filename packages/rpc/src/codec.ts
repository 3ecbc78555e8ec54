import type { OutboundFrame } from "./frame-port.ts";

/** Ids are echoed exactly: integers beyond 2^53 arrive as `bigint`. */
export type RpcId = number | bigint | string;

/** The error member of a failure. */
export interface WireFault {
  readonly code: number;
  readonly message: string;
  readonly data?: unknown;
}

/** One decoded message. `malformed` carries the reason for people and, if it could be read, no id. */
export type Inbound =
  | {
      readonly kind: "call";
      readonly id: RpcId;
      readonly method: string;
      readonly params: unknown;
      readonly trace?: unknown;
    }
  | { readonly kind: "notice"; readonly method: string; readonly params: unknown; readonly trace?: unknown }
  | { readonly kind: "result"; readonly id: RpcId; readonly result: unknown }
  | { readonly kind: "failure"; readonly id: RpcId; readonly fault: WireFault }
  | { readonly kind: "malformed"; readonly reason: string };

/** Where a frame came from, for the text of the answer to a malformed one. */
export interface FrameOrigin {
  readonly transport: "websocket" | "stdio" | "memory";
  readonly peerName: string;
}

/**
 * The envelope of one API: between frames and plain values. Owned by the protocol package; `rpc` never sees a JSON key.
 *
 * `decode` never throws: what cannot be read is `malformed`.
 */
export interface EnvelopeCodec {
  decode(frame: string | Uint8Array): Inbound;
  encodeCall(call: { id: RpcId; method: string; params: unknown; trace?: unknown }): OutboundFrame;
  encodeNotice(notice: { method: string; params: unknown }): OutboundFrame;
  encodeResult(id: RpcId, result: unknown): OutboundFrame;
  encodeFailure(id: RpcId, fault: WireFault): OutboundFrame;
  /** The answer to a `malformed` frame, or `undefined` when this API stays silent. */
  encodeMalformed(reason: string, origin: FrameOrigin): OutboundFrame | undefined;
}
