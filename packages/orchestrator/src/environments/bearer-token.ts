import { isRelayUrl } from "@holdfast/exec-client";
import { isLoopbackHost } from "@holdfast/rpc";
import { invalidEnvironment } from "./environment-error.ts";

const SOCKET_SCHEMES = ["ws:", "wss:", "unix:"];

/**
 * A secret goes to nobody who could not be told from another: over TLS, or not over a network.
 *
 * @throws EnvironmentError `invalid`
 */
export function checkBearerToken(token: string, url: URL, environmentId: string): void {
  const isRelay = isRelayUrl(url);
  if (!isRelay && !SOCKET_SCHEMES.includes(url.protocol)) {
    throw invalidEnvironment(`environment \`${environmentId}\` auth_bearer_token requires a websocket`, environmentId);
  }
  if (url.protocol === "relay+http:" && !isLoopbackHost(url.hostname)) {
    const detail = `environment \`${environmentId}\` auth_bearer_token requires relay+https:// or a loopback destination`;
    throw invalidEnvironment(detail, environmentId);
  }
  if (url.protocol === "ws:" && !isLoopbackHost(url.hostname)) {
    const detail = "exec-server WebSocket headers require wss:// or a loopback destination";
    throw invalidEnvironment(detail, environmentId);
  }
  if (/[^\t\x20-\x7e\x80-\xff]/u.test(token)) {
    const detail = "invalid value for exec-server WebSocket header `authorization`";
    throw invalidEnvironment(detail, environmentId);
  }
}
