import { invalidHttpRequest } from "./http-fault.ts";
import { HTTP_URL_MAX_CHARACTERS } from "./limits.ts";

const WEB_SCHEMES = ["http:", "https:"];
const SCHEME = /^[\t\n\r ]*[a-z][a-z0-9+.-]*:/i;

/**
 * Read the URL of a request.
 *
 * @throws HttpFault it is none, or of another scheme than `http` and `https`.
 */
export function parseRequestUrl(text: string): URL {
  if (text.length > HTTP_URL_MAX_CHARACTERS) {
    throw invalidHttpRequest(
      `url is invalid: it has ${text.length} characters, at most ${HTTP_URL_MAX_CHARACTERS} are possible`,
    );
  }
  const url = URL.parse(text);
  if (url === null) throw invalidHttpRequest(`url is invalid: ${urlProblem(text)}`);
  if (!WEB_SCHEMES.includes(url.protocol)) {
    throw invalidHttpRequest(`only supports http and https URLs, got ${url.protocol.slice(0, -1)}`);
  }
  return url;
}

/** Why the platform's parser refuses a URL: it does not say. The words are those of the protocol's peers. */
function urlProblem(text: string): string {
  if (!SCHEME.test(text)) return "relative URL without a base";
  const authority = text.replace(SCHEME, "").replace(/^[/\\]*/, "");
  const hostAndPort = (/^[^/\\?#]*/.exec(authority)?.[0] ?? "").replace(/^.*@/, "");
  if (hostAndPort.startsWith("[")) return /\]:/.test(hostAndPort) ? "invalid port number" : "invalid IPv6 address";
  const [host = "", port] = hostAndPort.split(":");
  if (host === "") return "empty host";
  if (port !== undefined && !(/^\d*$/.test(port) && Number(port) <= 65_535)) return "invalid port number";
  if (/(^|\.)(\d+|0x[0-9a-f]*)\.?$/i.test(host)) return "invalid IPv4 address";
  return "invalid international domain name";
}
