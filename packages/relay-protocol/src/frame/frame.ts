/** One message between a socket and the relay. The relay looks at `streamId` and the kind alone. */
export interface RelayFrame {
  readonly streamId: string;
  readonly body: RelayFrameBody;
  /** W3C trace context of the request that a data frame carries. */
  readonly traceparent?: string | undefined;
  readonly tracestate?: string | undefined;
}

export type RelayFrameBody =
  | { readonly kind: "data"; readonly sequence: number; readonly payload: Uint8Array }
  | { readonly kind: "handshake"; readonly payload: Uint8Array }
  | { readonly kind: "resume"; readonly nextSequence: number }
  | { readonly kind: "reset"; readonly reason: string }
  | { readonly kind: "ack" }
  /**
   * Peers of Codex ignore it. Between ours and the relay, `hold` asks the other side to send no more data of this stream for now, and to go on
   * with `false`.
   */
  | { readonly kind: "heartbeat"; readonly hold?: boolean | undefined };
