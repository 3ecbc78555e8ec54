import { type Clock, shownUrl } from "@holdfast/rpc";
import { boundedResponse } from "../http/bounded-body.ts";
import type { FetchLike } from "../http/fetch-like.ts";
import { OAUTH_BODY_MAX_BYTES, OAUTH_REDIRECTS_MAX, OAUTH_REQUEST_TIMEOUT_MS } from "./limits.ts";
import { McpOAuthError } from "./oauth-error.ts";

const REDIRECTS: ReadonlySet<number> = new Set([301, 302, 303, 307, 308]);
const BODY_LIMIT = { maxBytes: OAUTH_BODY_MAX_BYTES, what: "OAuth HTTP response body" };
const NULL_BODY_STATUSES: ReadonlySet<number> = new Set([101, 204, 205, 304]);

export interface OAuthFetchOptions {
  readonly clock: Clock;
  readonly signal?: AbortSignal | undefined;
}

/**
 * A `fetch` for what has to be asked of servers before there is a token: whole bodies of 1 MiB at most, in 30 s.
 *
 * Redirects of a GET are followed, ten of them, never from https to http, and credentials stay with their origin. A redirect of anything
 * else is handed out: who sent a secret decides where it goes.
 *
 * @param fetchFn - Follows none by itself.
 */
export function oauthFetch(fetchFn: FetchLike, { clock, signal }: OAuthFetchOptions): FetchLike {
  return async (url, init = {}) => {
    const late = new AbortController();
    const timer = clock.after(OAUTH_REQUEST_TIMEOUT_MS, () => late.abort());
    const signals = [late.signal, signal, init.signal].filter((each) => each !== undefined && each !== null);
    try {
      return await follow(fetchFn, new URL(String(url)), { ...init, signal: AbortSignal.any(signals) });
    } catch (error) {
      if (!late.signal.aborted) throw error;
      const seconds = OAUTH_REQUEST_TIMEOUT_MS / 1_000;
      throw new McpOAuthError("timeout", `${shownUrl(String(url))} did not answer within ${seconds} s`, {
        cause: error,
      });
    } finally {
      timer.cancel();
    }
  };
}

async function follow(fetchFn: FetchLike, first: URL, init: RequestInit): Promise<Response> {
  const follows = (init.method ?? "GET").toUpperCase() === "GET";
  const headers = new Headers(init.headers);
  let url = first;
  for (let hops = 0; ; hops += 1) {
    const response = await whole(await fetchFn(url, { ...init, headers }));
    const location = response.headers.get("location");
    if (!follows || !REDIRECTS.has(response.status) || location === null) return response;
    if (hops === OAUTH_REDIRECTS_MAX) throw refused(first, `redirected more than ${OAUTH_REDIRECTS_MAX} times`);
    const next = URL.parse(location, url.href);
    if (next === null || !isWeb(next)) throw refused(first, "redirected to what is no address of the web");
    if (url.protocol === "https:" && next.protocol !== "https:") throw refused(first, "redirected from https to http");
    if (next.origin !== url.origin) headers.delete("authorization");
    url = next;
  }
}

function isWeb({ protocol, username, password }: URL): boolean {
  return (protocol === "https:" || protocol === "http:") && username === "" && password === "";
}

function refused(url: URL, what: string): McpOAuthError {
  return new McpOAuthError("discovery", `${shownUrl(url)} ${what}`);
}

/** The same, read to its end: no time is kept for what comes later. A stream of events has no end, and is left alone. */
async function whole(response: Response): Promise<Response> {
  const { status, statusText, headers } = response;
  if (response.body === null || NULL_BODY_STATUSES.has(status)) return response;
  if (/^text\/event-stream\b/i.test(headers.get("content-type") ?? "")) {
    await response.body.cancel();
    return new Response(null, { status, statusText, headers });
  }
  return new Response(await boundedResponse(response, BODY_LIMIT).arrayBuffer(), { status, statusText, headers });
}
