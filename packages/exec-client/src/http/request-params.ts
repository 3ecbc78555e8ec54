import {
  Base64Bytes,
  type HttpRequestHeader,
  type HttpRequestParams,
  type Sendable,
} from "@holdfast/exec-server-protocol";
import { shownUrl } from "@holdfast/rpc";
import { InvalidArgumentError } from "../errors.ts";
import { HTTP_REQUEST_BODY_MAX_BYTES } from "../limits.ts";

/** Names, values and bounds that a WHATWG request has no place for. */
export interface FetchOptions {
  /** Milliseconds for the whole exchange, the body included, kept by the executor. Default: no bound. */
  readonly timeoutMs?: number | undefined;
  /**
   * Headers that end with the value of a variable of the executor's own environment, by name: a secret need not be here
   * to be sent from there. The executor refuses a variable that is unset, empty, or known to hold its own credentials
   * (`RemoteError` -32602). Needs an executor of 0.150 or later.
   */
  readonly headersFromEnv?: Readonly<Record<string, EnvHeader>> | undefined;
}

/** A variable's name, or one with what goes before its value: `{ prefix: "Bearer ", variable: "API_TOKEN" }`. */
export type EnvHeader = string | { readonly prefix: string; readonly variable: string };

/**
 * A WHATWG request in the terms of the wire. The body is read whole: the wire has no streams towards the executor.
 *
 * @throws InvalidArgumentError the URL is not of the web, the body is larger than a message may be, or an option is wrong.
 */
export async function toRequestParams(
  request: Request,
  requestId: string,
  { timeoutMs, headersFromEnv = {} }: FetchOptions,
): Promise<Omit<Sendable<HttpRequestParams>, "streamResponse">> {
  const { protocol } = new URL(request.url);
  if (protocol !== "http:" && protocol !== "https:") {
    throw new InvalidArgumentError("url", `url must be an http: or https: URL, not ${shownUrl(request.url)}`);
  }
  if (timeoutMs !== undefined && !(Number.isSafeInteger(timeoutMs) && timeoutMs >= 0)) {
    throw new InvalidArgumentError("timeoutMs", `timeoutMs must be an integer of 0 or more, not ${timeoutMs}`);
  }
  const fromEnv = Object.entries(headersFromEnv).map(([name, header]) => envHeader(name, header, request.headers));
  const bodyBase64 = await bodyOf(request);
  return {
    requestId,
    method: request.method,
    url: request.url,
    headers: [...[...request.headers].map(([name, value]) => ({ name, value })), ...fromEnv],
    redirectPolicy: request.redirect === "follow" ? "follow" : "stop",
    ...(bodyBase64 === undefined ? {} : { bodyBase64 }),
    ...(timeoutMs === undefined ? {} : { timeoutMs }),
  };
}

function envHeader(name: string, header: EnvHeader, others: Headers): HttpRequestHeader {
  const { prefix: value, variable: valueEnvVar } =
    typeof header === "string" ? { prefix: "", variable: header } : header;
  const wrong = (rule: string): InvalidArgumentError =>
    new InvalidArgumentError("headersFromEnv", `headersFromEnv[${JSON.stringify(name)}] ${rule}`);
  if (!/^[^=\0]+$/.test(valueEnvVar)) throw wrong("must name a variable: not empty, without = and NUL");
  try {
    new Headers().append(name, value);
  } catch (cause) {
    throw wrong(`is no header: ${cause instanceof Error ? cause.message : cause}`);
  }
  if (others.has(name)) throw wrong("is among headers too: give it once");
  return { name, value, valueEnvVar };
}

async function bodyOf(request: Request): Promise<Base64Bytes | undefined> {
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
}
