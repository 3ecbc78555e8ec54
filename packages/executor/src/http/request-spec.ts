import type { HttpRequestParams, Received } from "@holdfast/exec-server-protocol";
import { asBuffer } from "../platform/as-buffer.ts";
import { environmentValue } from "./environment-value.ts";
import { invalidHttpRequest } from "./http-fault.ts";
import { HTTP_REQUEST_HEADERS_MAX, HTTP_REQUEST_HEADERS_MAX_CHARACTERS } from "./limits.ts";
import { parseRequestUrl } from "./request-url.ts";

/**
 * A header as it goes out: the name in lower case, the value as bytes in a string (latin1), and whether it holds something of
 * the executor's environment.
 */
export type HeaderLine = readonly [name: string, value: string, from?: "environment"];

/** A request that is fit to be sent. */
export interface HttpRequestSpec {
  readonly method: string;
  /** Without user information and fragment. */
  readonly url: URL;
  readonly headers: readonly HeaderLine[];
  /** Absent when it has no bytes. */
  readonly body: Buffer | undefined;
  readonly redirects: "follow" | "stop";
  /** Milliseconds for the whole exchange; no bound when absent. */
  readonly timeoutMs: number | undefined;
}

const TOKEN = /^[!#$%&'*+\-.^_`|~0-9A-Za-z]+$/;
// biome-ignore lint/suspicious/noControlCharactersInRegex: these are the characters that a header must not carry.
const FORBIDDEN_IN_VALUE = /[\x00-\x08\x0a-\x1f\x7f]/;

/**
 * Check what a peer asks for.
 *
 * @param env - Where `valueEnvVar` looks.
 * @throws HttpFault `invalid-request`, naming the member and the rule.
 */
export function readRequest(
  params: Received<HttpRequestParams>,
  env: Readonly<Record<string, string>>,
): HttpRequestSpec {
  const { method, bodyBase64, redirectPolicy, timeoutMs } = params;
  if (!TOKEN.test(method)) throw invalidHttpRequest("method is invalid: invalid HTTP method");
  const url = parseRequestUrl(params.url);
  checkSize(params.headers ?? []);
  const headers = (params.headers ?? []).map((header) => readHeader(header, env));
  const credentials = basicCredentials(url);
  if (credentials !== undefined && !headers.some(([name]) => name === "authorization")) {
    headers.unshift(["authorization", credentials]);
  }
  url.username = "";
  url.password = "";
  url.hash = "";
  return {
    method,
    url,
    headers,
    body: bodyBase64?.length ? asBuffer(bodyBase64) : undefined,
    redirects: redirectPolicy ?? "follow",
    timeoutMs: timeoutMs ?? undefined,
  };
}

type Header = NonNullable<HttpRequestParams["headers"]>[number];

function checkSize(headers: readonly Header[]): void {
  const characters = headers.reduce((sum, { name, value }) => sum + name.length + value.length, 0);
  if (headers.length > HTTP_REQUEST_HEADERS_MAX) {
    throw invalidHttpRequest(`has ${headers.length} headers, at most ${HTTP_REQUEST_HEADERS_MAX} are possible`);
  }
  if (characters > HTTP_REQUEST_HEADERS_MAX_CHARACTERS) {
    throw invalidHttpRequest(
      `has headers of ${characters} characters, at most ${HTTP_REQUEST_HEADERS_MAX_CHARACTERS} are possible`,
    );
  }
}

function readHeader({ name, value, valueEnvVar }: Header, env: Readonly<Record<string, string>>): HeaderLine {
  if (!TOKEN.test(name)) throw invalidHttpRequest("header name is invalid: invalid HTTP header name");
  const isPlain = valueEnvVar === undefined || valueEnvVar === null;
  const whole = isPlain ? value : value + environmentValue(name, valueEnvVar, env);
  if (FORBIDDEN_IN_VALUE.test(whole)) {
    throw invalidHttpRequest(`header value is invalid for ${name}: failed to parse header value`);
  }
  const line = [name.toLowerCase(), Buffer.from(whole, "utf8").toString("latin1")] as const;
  return isPlain ? line : [...line, "environment"];
}

function basicCredentials({ username, password }: URL): string | undefined {
  if (username === "" && password === "") return undefined;
  const plain = `${decoded(username)}:${decoded(password)}`;
  return `Basic ${Buffer.from(plain, "utf8").toString("base64")}`;
}

/** Percent signs that encode nothing stand for themselves. */
function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}
