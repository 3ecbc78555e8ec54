import { Base64Bytes, type HttpRequestParams, type Sendable } from "@holdfast/exec-server-protocol";
import { InvalidArgumentError } from "../errors.ts";
import { HTTP_REQUEST_BODY_MAX_BYTES } from "../limits.ts";

/** Names, values and bounds that a WHATWG request has no place for. */
export interface FetchOptions {
  /** Milliseconds for the whole exchange, the body included, kept by the executor. Default: no bound. */
  readonly timeoutMs?: number | undefined;
}

/**
 * A WHATWG request in the terms of the wire. The body is read whole: the wire has no streams towards the executor.
 *
 * @throws InvalidArgumentError the URL is not of the web, or the body is larger than a message may be.
 */
export const toRequestParams = async (
  request: Request,
  requestId: string,
  { timeoutMs }: FetchOptions,
): Promise<Omit<Sendable<HttpRequestParams>, "streamResponse">> => {
  const { protocol } = new URL(request.url);
  if (protocol !== "http:" && protocol !== "https:") {
    throw new InvalidArgumentError("url", `url must be an http: or https: URL, not ${request.url}`);
  }
  if (timeoutMs !== undefined && !(Number.isSafeInteger(timeoutMs) && timeoutMs >= 0)) {
    throw new InvalidArgumentError("timeoutMs", `timeoutMs must be an integer of 0 or more, not ${timeoutMs}`);
  }
  const bodyBase64 = await bodyOf(request);
  return {
    requestId,
    method: request.method,
    url: request.url,
    headers: [...request.headers].map(([name, value]) => ({ name, value })),
    redirectPolicy: request.redirect === "follow" ? "follow" : "stop",
    ...(bodyBase64 === undefined ? {} : { bodyBase64 }),
    ...(timeoutMs === undefined ? {} : { timeoutMs }),
  };
};

const bodyOf = async (request: Request): Promise<Base64Bytes | undefined> => {
  if (request.body === null) return undefined;
  const chunks: Uint8Array[] = [];
  let bytes = 0;
  for await (const chunk of request.body) {
    bytes += chunk.byteLength;
    if (bytes > HTTP_REQUEST_BODY_MAX_BYTES) {
      throw new InvalidArgumentError("body", `body must not exceed ${HTTP_REQUEST_BODY_MAX_BYTES} bytes`);
    }
    chunks.push(chunk);
  }
  return new Base64Bytes(Buffer.concat(chunks, bytes));
};
