/** Ids are echoed exactly: integers beyond 2^53 are `bigint`. */
export type RpcId = number | bigint | string;

/** The error member of a failure. */
export interface WireFault {
  readonly code: number;
  readonly message: string;
  readonly data?: unknown;
}

/** One decoded message. */
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

/** Trace context that a request may carry. */
export interface TraceContext {
  readonly traceparent?: string | null;
  readonly tracestate?: string | null;
}

/** A frame: its text, or the same as bytes of UTF-8 when the message carried `Base64Bytes`. */
export type EncodedFrame = string | Uint8Array;

export interface OutboundCall {
  readonly id: RpcId;
  readonly method: string;
  readonly params: unknown;
  readonly trace?: unknown;
}

export interface OutboundNotice {
  readonly method: string;
  readonly params: unknown;
}

/** Between frames and messages of this protocol. */
export interface ExecServerCodec {
  /** Never throws: what cannot be read is `malformed`. */
  decode(frame: string | Uint8Array): Inbound;
  encodeCall(call: OutboundCall): EncodedFrame;
  encodeNotice(notice: OutboundNotice): EncodedFrame;
  encodeResult(id: RpcId, result: unknown): EncodedFrame;
  encodeFailure(id: RpcId, fault: WireFault): string;
  /** The answer to a malformed frame, or undefined for the side that stays silent. */
  encodeMalformed(reason: string, origin: FrameOrigin): string | undefined;
}
