import type { EnvelopeCodec, FrameOrigin, RpcId, WireFault } from "@holdfast/protocol-kit";

/** Trace context that a request may carry. */
export interface TraceContext {
  readonly traceparent?: string | null;
  readonly tracestate?: string | null;
}

/** Between frames and messages of this protocol. Messages with `Base64Bytes` become bytes, all others text. */
export interface ExecServerCodec extends EnvelopeCodec {
  encodeFailure(id: RpcId, fault: WireFault): string;
  /** The answer to a malformed frame, or undefined for the side that stays silent. */
  encodeMalformed(reason: string, origin: FrameOrigin): string | undefined;
}
