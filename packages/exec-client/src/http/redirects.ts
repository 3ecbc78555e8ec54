import { shownUrl } from "@holdfast/rpc";
import { HttpBodyError } from "../errors.ts";
import type { RequestParams } from "./request-params.ts";

/** Redirects that are followed before a request is given up, as the Fetch standard has it. */
export const REDIRECTS_MAX = 20;

const REDIRECT_STATUSES: ReadonlySet<number> = new Set([301, 302, 303, 307, 308]);
/** Headers that say something about a body that is left out. */
const BODY_HEADERS: ReadonlySet<string> = new Set([
  "content-encoding",
  "content-language",
  "content-length",
  "content-location",
  "content-type",
]);
/** Headers that are for one origin alone. */
const ORIGIN_HEADERS: ReadonlySet<string> = new Set(["authorization", "cookie", "host", "proxy-authorization"]);

/** Whether a status is one of a redirect. */
export function isRedirect(status: number): boolean {
  return REDIRECT_STATUSES.has(status);
}

/**
 * The request that a redirect leads to, by the Fetch standard; it still needs an id of its own.
 *
 * @throws HttpBodyError - `redirect`: it leads to no URL of the web.
 */
export function redirected(params: RequestParams, status: number, location: string): RequestParams {
  const from = new URL(params.url);
  const to = URL.parse(location, from.href);
  if (to === null || (to.protocol !== "http:" && to.protocol !== "https:")) {
    const told = to === null ? JSON.stringify(location) : shownUrl(to.href);
    throw new HttpBodyError("redirect", `a redirect (${status}) leads to ${told}, which is no http: or https: URL`);
  }
  if (to.hash === "") to.hash = from.hash;
  // A server that redirects may not choose whose credentials another one sees.
  to.username = "";
  to.password = "";
  const { method } = params;
  const isPost = method === "POST" && (status === 301 || status === 302);
  const becomesGet = isPost || (status === 303 && method !== "GET" && method !== "HEAD");
  const isElsewhere = to.origin !== from.origin;
  const headers = params.headers?.filter(({ name, valueEnvVar }) => {
    const lowered = name.toLowerCase();
    if (becomesGet && BODY_HEADERS.has(lowered)) return false;
    return !isElsewhere || (!ORIGIN_HEADERS.has(lowered) && typeof valueEnvVar !== "string");
  });
  const { bodyBase64, headers: _, ...others } = params;
  return {
    ...others,
    ...(headers === undefined ? {} : { headers }),
    method: becomesGet ? "GET" : method,
    url: to.href,
    ...(becomesGet || bodyBase64 === undefined ? {} : { bodyBase64 }),
  };
}
