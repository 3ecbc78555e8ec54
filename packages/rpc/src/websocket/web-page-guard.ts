import type { IncomingMessage } from "node:http";
import { isIP } from "node:net";
import { isLoopbackAddress } from "./connection-ends.ts";
import { type HttpAnswer, isOfAllowedOrigin } from "./http-answer.ts";

/**
 * A web page must never drive a listener. Browsers say by `Origin` that a page is behind a request, which alone would do; these are
 * second locks. `Sec-Fetch-Site` is another word of theirs, and a page whose own name leads here (a name whose address was changed
 * after the page was loaded) shows in `Host`.
 *
 * @param localAddress - Where the connection arrived. Names are refused on loopback only: elsewhere they are how a machine
 *   is addressed, and a listener there without a token has let in more than pages.
 * @param allowedOrigins - Of pages that may connect; a `Host` that is no address is refused to them as well.
 * @param allowedHosts - Names that are as good as an address.
 * @returns `undefined` when no page is behind it, or one that may.
 */
export function answerToPage(
  request: IncomingMessage,
  localAddress: string | undefined,
  allowedOrigins: readonly string[] = [],
  allowedHosts: readonly string[] = [],
): HttpAnswer | undefined {
  const site = request.headers["sec-fetch-site"];
  if (site !== undefined && site !== "none" && !isOfAllowedOrigin(request, allowedOrigins)) {
    return { status: 403, body: "web pages may not connect: the request has a Sec-Fetch-Site header" };
  }
  const hosts = request.headersDistinct.host ?? [];
  if (hosts.length > 1) return { status: 400, body: "the request has more than one Host header" };
  if (localAddress !== undefined && !isLoopbackAddress(localAddress)) return undefined;
  return hosts.every((host) => namesAnAddress(host) || allowedHosts.includes(nameOf(host)))
    ? undefined
    : { status: 403, body: "the Host header must be an IP address or localhost: connect by one of them" };
}

const BRACKETED = /^\[([^\]]*)\](?::\d+)?$/;
const PLAIN = /^([^:]*)(?::\d+)?$/;

function namesAnAddress(host: string): boolean {
  const [, inner] = BRACKETED.exec(host) ?? [];
  if (inner !== undefined) return isIP(inner) === 6;
  const name = nameOf(host);
  return isIP(name) === 4 || name === "localhost";
}

/** Empty for what has no name before its port. */
function nameOf(host: string): string {
  return (PLAIN.exec(host)?.[1] ?? "").toLowerCase();
}
