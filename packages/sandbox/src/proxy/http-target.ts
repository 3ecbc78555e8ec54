import type { IncomingMessage } from "node:http";
import { normalizeHost, parseAuthority } from "./host-name.ts";

/** Where a plain request wants to go. */
export interface HttpTarget {
  readonly host: string;
  readonly port: number;
  /** As the host header of the forwarded request has it. */
  readonly authority: string;
  /** Path and query. */
  readonly path: string;
}

const METHODS_THAT_READ: readonly string[] = ["GET", "HEAD", "OPTIONS"];

/** Does a method only read? */
export function onlyReads(method: string | undefined): boolean {
  return method !== undefined && METHODS_THAT_READ.includes(method);
}

/** The target of a request, by its request line, or by its host header where the line has only a path. A text: why there is none. */
export function httpTarget(request: IncomingMessage): HttpTarget | string {
  const { url = "", headers } = request;
  if (url.startsWith("/")) return fromUrl(`http://${headers.host ?? ""}${url}`);
  const target = fromUrl(url);
  if (typeof target === "string" || headers.host === undefined) return target;
  const named = parseAuthority(/:\d+$/.test(headers.host) ? headers.host : `${headers.host}:80`);
  const agrees = named?.host === target.host && named.port === target.port;
  return agrees ? target : "Host header does not match request target";
}

function fromUrl(text: string): HttpTarget | string {
  const url = URL.canParse(text) ? new URL(text) : undefined;
  if (url?.protocol !== "http:") return "request target is no http URL";
  if (url.username !== "" || url.password !== "") return "request target has credentials";
  const host = normalizeHost(url.hostname);
  const port = url.port === "" ? 80 : Number(url.port);
  if (host === undefined || port === 0) return "request target has no host";
  return { host, port, authority: url.host, path: `${url.pathname}${url.search}` };
}
