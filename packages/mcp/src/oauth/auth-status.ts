import type { Clock } from "@holdfast/rpc";
import type { McpServerConfig } from "../config/server-config.ts";
import type { FetchLike } from "../http/fetch-like.ts";
import { serverUrl } from "../http/server-url.ts";
import type { CredentialStore } from "./credential-store.ts";
import { credentialOwner } from "./credentials.ts";
import { discover } from "./discover.ts";
import { oauthFetch } from "./oauth-fetch.ts";

/**
 * Whether a server knows who is asking.
 *
 * - `unsupported`: it says no way to sign in, or is a process.
 * - `notLoggedIn`: it does, and nobody has.
 * - `bearerToken`: its configuration says who.
 * - `oAuth`: by a login.
 * - `unknown`: it could not be asked.
 */
export type McpAuthStatus = "unsupported" | "notLoggedIn" | "bearerToken" | "oAuth" | "unknown";

export interface AuthStatusOptions {
  /** From where the server is placed; follows no redirect. */
  readonly fetch: FetchLike;
  readonly store: CredentialStore;
  readonly clock: Clock;
  readonly signal?: AbortSignal | undefined;
}

/** Whether a server knows who is asking. Never rejects. */
export async function authStatus(server: McpServerConfig, options: AuthStatusOptions): Promise<McpAuthStatus> {
  const { transport } = server;
  if (transport.kind === "stdio") return "unsupported";
  const headers = [...Object.keys(transport.httpHeaders), ...Object.keys(transport.envHttpHeaders)];
  const hasHeader = headers.some((name) => name.toLowerCase() === "authorization");
  if (transport.bearerTokenEnvVar !== undefined || hasHeader) return "bearerToken";
  try {
    const stored = await options.store.load(credentialOwner(server).key);
    const isAlive = stored?.expires_at === undefined || stored.expires_at > Date.now();
    if (stored !== undefined && (isAlive || stored.refresh_token !== undefined)) return "oAuth";
    const discovered = await discover(serverUrl(transport.url), oauthFetch(options.fetch, options));
    return discovered === undefined ? "unsupported" : "notLoggedIn";
  } catch {
    return "unknown";
  }
}
