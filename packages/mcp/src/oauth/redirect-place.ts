import { createHash } from "node:crypto";
import { McpOAuthError } from "./oauth-error.ts";

/** Bytes of the hash that tells the callbacks of servers apart. */
const ID_BYTES = 9;

export interface RedirectOptions {
  /** TCP port on loopback that the browser comes back to. Default: any that is free. */
  readonly port?: number | undefined;
  /** Where the browser is sent, when that is not the port itself: a proxy or a tunnel that leads to it. */
  readonly url?: string | undefined;
}

/** @throws McpOAuthError `callback` - It is no port, or no URL. */
export function checkRedirect({ port, url }: RedirectOptions): void {
  if (port !== undefined && !(Number.isInteger(port) && port >= 1 && port <= 65_535)) {
    throw new McpOAuthError(
      "callback",
      `invalid MCP OAuth callback port \`${port}\`: port must be between 1 and 65535`,
    );
  }
  const parsed = url === undefined ? undefined : URL.parse(url);
  if (parsed === undefined) return;
  if (parsed === null || !/^https?:$/.test(parsed.protocol) || parsed.hash !== "" || parsed.username !== "") {
    throw new McpOAuthError(
      "callback",
      "invalid MCP OAuth callback URL: it must be an http: or https: URL without a fragment",
    );
  }
}

/** The port to listen on: that of a URL on this machine, unless another one is named. 0: any. */
export function portOf({ port, url }: RedirectOptions): number {
  if (port !== undefined) return port;
  const parsed = url === undefined ? null : URL.parse(url);
  const isHere = parsed !== null && parsed.protocol === "http:" && /^(127\.0\.0\.1|localhost)$/.test(parsed.hostname);
  return isHere && parsed.port !== "" ? Number(parsed.port) : 0;
}

/**
 * Where the browser is sent back to. A client that is registered for this login has a place for each server, so that the answer of one
 * authorization server can not be taken for that of another; one that was registered by hand has the place that was said there.
 */
export function redirectUrl({ url }: RedirectOptions, port: number, serverUrl: URL, isRegistered: boolean): URL {
  const place = new URL(url ?? `http://127.0.0.1:${port}/callback`);
  if (!isRegistered) place.pathname = `${place.pathname.replace(/\/$/, "")}/${idOf(serverUrl)}`;
  return place;
}

function idOf(serverUrl: URL): string {
  const url = new URL(serverUrl);
  url.hash = "";
  return createHash("sha256").update(url.href).digest().subarray(0, ID_BYTES).toString("base64url");
}
