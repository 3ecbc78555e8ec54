/** Options of one call. */
export interface CallOptions {
  /** Give up waiting. The peer is not told. */
  readonly signal?: AbortSignal | undefined;
  /** Milliseconds to wait for the answer; no limit when absent. */
  readonly timeoutMs?: number | undefined;
  /** Trace context to send along: `{ traceparent?, tracestate? }`. */
  readonly trace?: unknown;
}

/** What a client stub needs below it. */
export interface LinkV1 {
  call(method: string, params: unknown, options?: CallOptions): Promise<unknown>;
  notify(method: string, params: unknown): void;
  on(method: string, handler: (params: unknown) => void): () => void;
}
