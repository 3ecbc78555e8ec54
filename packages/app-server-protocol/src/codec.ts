import type { EnvelopeCodec, FrameOrigin, RpcId, WireFault } from "@holdfast/protocol-kit";

/** Trace context that a request may carry. */
export interface TraceContext {
  readonly traceparent?: string | null;
  readonly tracestate?: string | null;
}

/** Between frames and messages of this protocol. */
export interface AppServerCodec extends EnvelopeCodec {
  encodeFailure(id: RpcId, fault: WireFault): string;
  /** Nobody is told of a malformed frame. */
  encodeMalformed(reason: string, origin: FrameOrigin): undefined;
}
