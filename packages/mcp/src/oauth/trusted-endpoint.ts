import { isLoopbackHost } from "@holdfast/rpc";

/**
 * Whether secrets may be sent to an address, or a user to it, on the word of a server: https alone, but for a server on the same
 * machine as the one that asks it. A server on the web can thus not name what listens on that machine.
 */
export function isTrustedEndpoint(endpoint: URL, serverUrl: URL): boolean {
  if (endpoint.username !== "" || endpoint.password !== "") return false;
  if (endpoint.protocol === "https:") return true;
  return endpoint.protocol === "http:" && isLoopbackHost(endpoint.hostname) && isLoopbackHost(serverUrl.hostname);
}
