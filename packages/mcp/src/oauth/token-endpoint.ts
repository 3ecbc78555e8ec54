import type { OAuthClientInformation, OAuthTokens } from "@modelcontextprotocol/client";
import type { CredentialOwner, StoredCredentials } from "./credentials.ts";
import type { Discovered } from "./discovered.ts";

/** A client as the SDK takes it. */
export function clientOf({
  client_id,
  client_secret,
}: Pick<StoredCredentials, "client_id" | "client_secret">): OAuthClientInformation {
  return client_secret === undefined ? { client_id } : { client_id, client_secret };
}

/** What tokens are asked for. */
export function resourceOf(serverUrl: URL, { resource }: Discovered, configured: string | undefined): string {
  if (configured !== undefined) return configured;
  if (resource !== undefined) return resource.resource;
  const url = new URL(serverUrl);
  url.hash = "";
  return url.href;
}

/** What is to be stored of an answer with tokens. */
export function credentialsOf(
  owner: CredentialOwner,
  client: OAuthClientInformation,
  { server }: Discovered,
  { access_token, refresh_token, expires_in, scope }: OAuthTokens,
  requestedScope: string | undefined,
): StoredCredentials {
  const scopes = scopesOf(scope ?? requestedScope);
  const endsAt = expires_in === undefined ? undefined : Date.now() + Math.max(0, expires_in) * 1_000;
  return {
    server_name: owner.serverName,
    server_url: owner.serverUrl,
    issuer: server.issuer,
    client_id: client.client_id,
    ...(client.client_secret === undefined ? {} : { client_secret: client.client_secret }),
    access_token,
    ...(endsAt === undefined ? {} : { expires_at: endsAt }),
    ...(refresh_token === undefined ? {} : { refresh_token }),
    ...(scopes.length === 0 ? {} : { scopes }),
    ...(owner.isExecutorOwned ? { executor_owned: true } : {}),
  };
}

/** The words of a scope, each once. */
export function scopesOf(scope: string | undefined): readonly string[] {
  return [...new Set(scope?.split(" ").filter((each) => each !== ""))];
}
