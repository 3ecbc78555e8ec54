import { isLoopbackHost } from "@holdfast/rpc";

/** Where others find the service. */
export interface PublicUrl {
  /** Base URL, without a slash at its end. */
  readonly href: string;
  /** What its paths begin with; empty, or with a slash at the front. */
  readonly prefix: string;
  /** The same for websockets. */
  readonly socketBase: string;
  /** Without the port, in lower case. */
  readonly host: string;
  readonly isSecure: boolean;
  readonly isLoopback: boolean;
}

/** @throws RangeError - It is no URL of `http:` or `https:`, or has more than a host, a port and a path. */
export function readPublicUrl(text: string): PublicUrl {
  const url = URL.parse(text);
  if (url === null || (url.protocol !== "http:" && url.protocol !== "https:")) {
    throw new RangeError("it must be http://HOST[:PORT][/PREFIX] or https://HOST[:PORT][/PREFIX]");
  }
  if (`${url.username}${url.password}${url.search}${url.hash}` !== "") {
    throw new RangeError("it can have a host, a port and a path, and nothing else");
  }
  const prefix = url.pathname.replace(/\/+$/, "");
  const href = `${url.origin}${prefix}`;
  return {
    href,
    prefix,
    socketBase: href.replace(/^http/, "ws"),
    host: url.hostname.toLowerCase(),
    isSecure: url.protocol === "https:",
    isLoopback: isLoopbackHost(url.hostname),
  };
}
