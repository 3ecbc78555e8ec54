import { HttpFault } from "./http-fault.ts";
import type { HeaderLine, HttpRequestSpec } from "./request-spec.ts";

const REDIRECTS: ReadonlySet<number> = new Set([301, 302, 303, 307, 308]);
/** Named after what describes a body, and gone with it. */
const BODY_HEADERS: ReadonlySet<string> = new Set(["content-type", "content-length", "content-encoding"]);
/** Meant for the first origin only. */
const CREDENTIAL_HEADERS: ReadonlySet<string> = new Set([
  "authorization",
  "cookie",
  "proxy-authorization",
  "www-authenticate",
]);

/**
 * The request that a redirect leads to, or `undefined` when the answer is not one to follow.
 *
 * A 303 turns everything but HEAD into a GET, a 301 or 302 turns a POST into one; both lose their body. Credentials stay
 * with the origin that they were given for, and so does every header with a value from the executor's environment: the client that
 * asked for it does not know it, and the server that is redirected to was never meant to. Another scheme or port is another
 * origin.
 *
 * @throws HttpFault it leads out of the web.
 */
export function redirected(
  request: HttpRequestSpec,
  status: number,
  location: string | undefined,
): HttpRequestSpec | undefined {
  if (!REDIRECTS.has(status) || location === undefined) return undefined;
  const url = URL.parse(location, request.url.href);
  if (url === null) return undefined;
  if (url.protocol !== "http:" && url.protocol !== "https:") {
    const scheme = url.protocol.slice(0, -1);
    throw new HttpFault("failed", `http/request failed: redirect target uses unsupported URL scheme: ${scheme}`);
  }
  url.username = "";
  url.password = "";
  url.hash = "";
  const becomesGet =
    (status === 303 && request.method !== "HEAD") || ((status === 301 || status === 302) && request.method === "POST");
  const leaves = url.origin !== request.url.origin;
  const kept = request.headers.filter(
    ([name, , from]) =>
      name !== "referer" &&
      name !== "host" &&
      !(becomesGet && BODY_HEADERS.has(name)) &&
      !(leaves && (from === "environment" || CREDENTIAL_HEADERS.has(name))),
  );
  return {
    ...request,
    url,
    method: becomesGet ? "GET" : request.method,
    body: becomesGet ? undefined : request.body,
    headers: [...kept, ...refererOf(request.url, url)],
  };
}

/** Where it came from, but never to a place that others can listen to. */
function refererOf(from: URL, to: URL): readonly HeaderLine[] {
  if (from.protocol === "https:" && to.protocol === "http:") return [];
  return [["referer", from.href]];
}
