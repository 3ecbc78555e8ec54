/** Makes an HTTP request on the executor's network. */
export interface HttpRequestParams {
  /** Any token; its case is kept. */
  method: string;
  /** `http` or `https`. */
  url: string;
  /** In order, repeats kept. Default none; null is refused. */
  headers?: HttpRequestHeader[];
  /**
   * Raw bytes in base64. Absent or null: no body.
   *
   * @contentEncoding base64
   */
  bodyBase64?: string | null;
  /**
   * Milliseconds for the whole exchange, a streamed body included. Absent or null: no bound.
   *
   * @format uint64
   */
  timeoutMs?: number | null;
  /** Default `follow`; null is refused. */
  redirectPolicy?: HttpRedirectPolicy;
  /** Names the body stream. Chosen by the client, unique among the connection's streams. */
  requestId: string;
  /** Send the body as `http/request/bodyDelta`. Default false; null is refused. */
  streamResponse?: boolean;
}

/** `follow` goes along up to 10 redirects. */
export type HttpRedirectPolicy = "follow" | "stop";

export interface HttpRequestHeader {
  name: string;
  value: string;
  /** Variable of the executor's environment whose value is appended. Since 0.150; needs `httpHeaderEnvVars`. */
  valueEnvVar?: string | null;
}

/** Any HTTP status is a result. */
export interface HttpRequestResult {
  /** @format uint16 */
  status: number;
  /** In order, repeats kept, names in lower case. */
  headers: HttpResponseHeader[];
  /**
   * Raw bytes in base64; empty when the body is streamed.
   *
   * @contentEncoding base64
   */
  bodyBase64: string;
}

export interface HttpResponseHeader {
  name: string;
  value: string;
}

/** A piece of a streamed body. */
export interface HttpRequestBodyDeltaNotice {
  requestId: string;
  /**
   * From 1, without gaps.
   *
   * @format uint64
   */
  seq: number;
  /**
   * At most 1 MiB of raw bytes in base64; empty in the last one.
   *
   * @contentEncoding base64
   */
  deltaBase64: string;
  /** Nothing follows. Absent: false. */
  done?: boolean;
  /** Why the body ended early. Absent or null: it did not. */
  error?: string | null;
}
