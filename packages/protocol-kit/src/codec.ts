import type { BinaryFrame } from "./envelope/binary-frame.ts";

/** Ids are echoed exactly: integers beyond 2^53 are `bigint`. */
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
  | {
      readonly kind: "notice";
      readonly method: string;
      readonly params: unknown;
      readonly trace?: unknown;
      /** What the envelope says beside the params, where the API has something. */
      readonly metadata?: unknown;
    }
  | { readonly kind: "result"; readonly id: RpcId; readonly result: unknown }
  | { readonly kind: "failure"; readonly id: RpcId; readonly fault: WireFault }
  | { readonly kind: "malformed"; readonly reason: string };

/** A request on its way out. */
export interface OutboundCall {
  readonly id: RpcId;
  readonly method: string;
  readonly params: unknown;
  readonly trace?: unknown;
}

/** A notice on its way out. */
export interface OutboundNotice {
  readonly method: string;
  readonly params: unknown;
}

/**
 * A frame as a transport gives it: text, the same as bytes of UTF-8 where it is long or the transport does not vouch for that, or a binary
 * message.
 */
export type InboundFrame = string | Uint8Array | BinaryFrame;

/** A frame on its way out: text, that text as bytes of UTF-8 where it was built as bytes, or a binary message. */
export type OutboundFrame = string | Uint8Array | BinaryFrame;

/** Where a frame came from, for the text of the answer to a malformed one. */
export interface FrameOrigin {
  /** Kind of transport: `websocket`, `stdio`, `memory`, or one that a protocol does not know. */
  readonly transport: string;
  /** The far end for people, e.g. `127.0.0.1:50312`; empty when there is nothing to say. */
  readonly peerName: string;
}

/**
 * The envelope of one API: between frames and plain values. Owned by the protocol package; `@holdfast/rpc` never sees a
 * JSON key.
 *
 * `decode` never throws: what cannot be read is `malformed`.
 */
export interface EnvelopeCodec {
  decode(frame: InboundFrame): Inbound;
  encodeCall(call: OutboundCall): OutboundFrame;
  encodeNotice(notice: OutboundNotice): OutboundFrame;
  encodeResult(id: RpcId, result: unknown): OutboundFrame;
  encodeFailure(id: RpcId, fault: WireFault): OutboundFrame;
  /** The answer to a `malformed` frame, or `undefined` when this API stays silent. */
  encodeMalformed(reason: string, origin: FrameOrigin): OutboundFrame | undefined;
}
