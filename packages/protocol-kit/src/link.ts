/** Options of one call. */
export interface CallOptions {
  /** Give up waiting: the call rejects with `LinkError` `aborted`. The peer is not told; it may still run. */
  readonly signal?: AbortSignal | undefined;
  /** Milliseconds to wait for the answer; no limit when absent. Rejects with `LinkError` `timeout`. */
  readonly timeoutMs?: number | undefined;
  /** Milliseconds to wait for the answer once the call was sent, in which the time that it waits before does not count. Default: no limit. */
  readonly answerTimeoutMs?: number | undefined;
  /**
   * Do not wait behind calls that wait for a place: for what ends a process or frees something, so that it can not wait for what it
   * is to end. Default false.
   */
  readonly urgent?: boolean | undefined;
  /** Trace context to send along, where the API has one. */
  readonly trace?: unknown;
}

/**
 * The seam between stubs and the runtime below them: a peer of `@holdfast/rpc` satisfies it, and so does a client that
 * reconnects.
 */
export interface LinkV1 {
  /** @throws RemoteError the peer refused. @throws LinkError there is no answer. */
  call(method: string, params: unknown, options?: CallOptions): Promise<unknown>;
  /** Send a notice. Silently dropped on a closed connection. */
  notify(method: string, params: unknown): void;
  /**
   * Subscribe to the notices of one method, in order of arrival. The handler gets what the envelope says beside the params, where the
   * API has something. Returns the function that ends the subscription.
   */
  on(method: string, handler: (params: unknown, metadata?: unknown) => void): () => void;
}
