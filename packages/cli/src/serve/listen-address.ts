import { UsageError } from "../command-line/failure.ts";

/** Where to serve. */
export type ListenAddress =
  | { readonly kind: "stdio" }
  | { readonly kind: "websocket"; readonly host: string; readonly port: number; readonly isLoopback: boolean };

const EXPECTED = "expected ws://HOST:PORT, with an IP address or localhost as HOST, or stdio";
const STDIO = ["stdio", "stdio://"];
const IPV4 = /^\d+\.\d+\.\d+\.\d+$/;
const LOOPBACK = [/^127\./, /^::1$/, /^::ffff:7f[0-9a-f]{2}:/, /^localhost$/];

/** @throws UsageError it is none of the accepted forms. */
export function parseListenAddress(text: string): ListenAddress {
  if (STDIO.includes(text)) return { kind: "stdio" };
  const url = URL.parse(text);
  if (url === null || !text.includes("://")) throw new UsageError(`invalid --listen '${text}': ${EXPECTED}`);
  if (url.protocol !== "ws:") throw new UsageError(`unsupported --listen '${text}': ${EXPECTED}`);
  if (!hasNothingElse(url) || !/:\d+\/?$/.test(text)) throw new UsageError(`invalid --listen '${text}': ${EXPECTED}`);
  const host = bareHost(url.hostname);
  if (host === undefined) {
    throw new UsageError(`invalid --listen '${text}': '${url.hostname}' is a host name; ${EXPECTED}`);
  }
  const isLoopback = LOOPBACK.some((pattern) => pattern.test(host));
  // The URL parser drops the port that is the scheme's own.
  return { kind: "websocket", host, port: url.port === "" ? 80 : Number(url.port), isLoopback };
}

function hasNothingElse(url: URL): boolean {
  return `${url.username}${url.password}${url.search}${url.hash}` === "" && url.pathname === "/";
}

/** The host without brackets; undefined for a name. The URL parser has already refused addresses that are none. */
function bareHost(hostname: string): string | undefined {
  if (hostname.startsWith("[")) return hostname.slice(1, -1);
  return hostname === "localhost" || IPV4.test(hostname) ? hostname : undefined;
}
