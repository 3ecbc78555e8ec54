import {
  Base64Bytes,
  type HttpRequestHeader,
  type HttpRequestParams,
  type Sendable,
} from "@holdfast/exec-server-protocol";
import { shownUrl } from "@holdfast/rpc";
import { anything, flag, type OptionChecks, objectOrNull, timeLimit } from "@holdfast/rpc/client";
import { hasHalfCharacter, printable } from "../arguments/broken-text.ts";
import { InvalidArgumentError } from "../errors.ts";
import { HTTP_REQUEST_BODY_MAX_BYTES } from "../limits.ts";
import type { Sandbox } from "../sandbox/sandbox.ts";
import { acceptedCodings } from "./content-codings.ts";

/** Names, values and bounds that a WHATWG request has no place for. */
export interface FetchOptions {
  /** Milliseconds for the whole exchange, the body included, kept by the executor: above 0. Default `Infinity`: no bound. */
  readonly timeoutMs?: number | undefined;
  /**
   * Headers that end with the value of a variable of the executor's own environment, by name: a secret need not be here
   * to be sent from there. The executor refuses a variable that is unset, empty, or known to hold its own credentials
   * (`FetchError` `refused`). Needs an executor of 0.150 or later.
   */
  readonly headersFromEnv?: Readonly<Record<string, EnvHeader>> | undefined;
  /** Whether gzip, deflate, br and zstd are asked for and decoded. `false`: the body stays as it came. Default `true`. */
  readonly decode?: boolean | undefined;
  /**
   * Whose network part must let the request, and each redirect, through. It is this client's own check, made by the name of the host
   * before anything is sent; the executor is not told. Default: not confined.
   */
  readonly sandbox?: Sandbox | undefined;
}

/** A variable's name, or one with what goes before its value: `{ prefix: "Bearer ", variable: "API_TOKEN" }`. */
export type EnvHeader = string | { readonly prefix: string; readonly variable: string };

/** Those of the platform's `fetch`, which it checks itself, and ours. */
export const FETCH_OPTIONS: OptionChecks<RequestInit & FetchOptions & { readonly priority?: string }> = {
  body: anything,
  cache: anything,
  credentials: anything,
  dispatcher: (_, name) => {
    throw new InvalidArgumentError(name, `${name} can not be used: the request is made by the executor`);
  },
  duplex: anything,
  headers: anything,
  integrity: anything,
  keepalive: anything,
  method: anything,
  mode: anything,
  priority: anything,
  redirect: anything,
  referrer: anything,
  referrerPolicy: anything,
  signal: anything,
  window: anything,
  timeoutMs: timeLimit,
  headersFromEnv: objectOrNull,
  decode: flag,
  sandbox: anything,
};

/** A request as a line takes it. */
export type RequestParams = Omit<Sendable<HttpRequestParams>, "streamResponse">;

/**
 * A WHATWG request in the terms of the wire. The body is read whole: the wire has no streams towards the executor.
 *
 * @throws InvalidArgumentError the URL is not of the web, the body is larger than a message may be, or an option is wrong.
 */
export async function toRequestParams(
  request: Request,
  requestId: string,
  { timeoutMs, headersFromEnv = {}, decode = true }: FetchOptions,
): Promise<RequestParams> {
  const { protocol } = new URL(request.url);
  if (protocol !== "http:" && protocol !== "https:") {
    throw new InvalidArgumentError("url", `url must be an http: or https: URL, not ${shownUrl(request.url)}`);
  }
  const fromEnv = Object.entries(headersFromEnv).map(([name, header]) => envHeader(name, header, request.headers));
  const headers: HttpRequestHeader[] = [...request.headers].map(([name, value]) => ({ name, value }));
  const names = new Set([...headers, ...fromEnv].map(({ name }) => name.toLowerCase()));
  // A part of a body can not be decoded by itself.
  if (decode && !names.has("accept-encoding")) {
    headers.push({ name: "accept-encoding", value: names.has("range") ? "identity" : acceptedCodings() });
  }
  const bodyBase64 = await bodyOf(request);
  return {
    requestId,
    method: request.method,
    url: request.url,
    headers: [...headers, ...fromEnv],
    // Redirects are followed here, where they can be told and checked.
    redirectPolicy: "stop",
    ...(bodyBase64 === undefined ? {} : { bodyBase64 }),
    // Whole milliseconds are all that the wire carries; beyond them is beyond any exchange.
    ...(timeoutMs === undefined || timeoutMs > Number.MAX_SAFE_INTEGER ? {} : { timeoutMs: Math.ceil(timeoutMs) }),
  };
}

function envHeader(name: string, header: EnvHeader, others: Headers): HttpRequestHeader {
  const { prefix: value, variable: valueEnvVar } =
    typeof header === "object" && header !== null ? header : { prefix: "", variable: header };
  const wrong = (rule: string): InvalidArgumentError =>
    new InvalidArgumentError("headersFromEnv", `headersFromEnv[${JSON.stringify(name)}] ${rule}`);
  if (typeof valueEnvVar !== "string" || !/^[^=\0]+$/.test(valueEnvVar))
    throw wrong("must name a variable: not empty, without = and NUL");
  if (hasHalfCharacter(valueEnvVar)) throw wrong(`names half a character: ${printable(valueEnvVar)}`);
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
