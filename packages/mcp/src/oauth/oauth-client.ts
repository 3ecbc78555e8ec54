import {
  type OAuthClientInformation,
  type OAuthClientMetadata,
  RegistrationRejectedError,
  registerClient,
} from "@modelcontextprotocol/client";
import type { HttpServerConfig } from "../config/server-config.ts";
import type { FetchLike } from "../http/fetch-like.ts";
import { shownWords } from "../http/shown-words.ts";
import type { AuthorizationServer } from "./discovered.ts";
import { McpOAuthError } from "./oauth-error.ts";
import { sdkMetadata } from "./sdk-metadata.ts";

export interface ClientOptions {
  /** As users are asked to trust it. */
  readonly clientName: string;
  /** Address of a document about the client, for authorization servers that take one (`https:`, with a path). */
  readonly clientDocument: string | undefined;
}

/** The client that is known already, as its configuration says; undefined: there is none. */
export function configuredClient({
  oauthClientId,
  oauthClientSecret,
}: HttpServerConfig): OAuthClientInformation | undefined {
  if (oauthClientId === undefined) return undefined;
  return {
    client_id: oauthClientId,
    ...(oauthClientSecret === undefined ? {} : { client_secret: oauthClientSecret }),
  };
}

/**
 * A client for one login: by the address of a document about it, or registered now.
 *
 * @throws McpOAuthError `registration` - The authorization server takes none of ours.
 */
export async function clientForLogin(
  server: AuthorizationServer,
  redirect: URL,
  scope: string | undefined,
  { clientName, clientDocument }: ClientOptions,
  fetchFn: FetchLike,
): Promise<OAuthClientInformation> {
  if (clientDocument !== undefined && server.takesClientDocuments) return { client_id: clientDocument };
  if (server.registrationEndpoint === undefined) {
    const advice = "register one by hand and set oauth.client_id";
    throw new McpOAuthError("registration", `the authorization server registers no clients by itself; ${advice}`);
  }
  const clientMetadata: OAuthClientMetadata = {
    client_name: clientName,
    redirect_uris: [redirect.href],
    grant_types: ["authorization_code", "refresh_token"],
    token_endpoint_auth_method: authMethodOf(server),
    response_types: ["code"],
    application_type: redirect.protocol === "https:" ? "web" : "native",
    ...(scope === undefined ? {} : { scope }),
  };
  try {
    const { client_id, client_secret } = await registerClient(server.issuer, {
      metadata: sdkMetadata(server),
      clientMetadata,
      fetchFn,
    });
    return client_secret === undefined ? { client_id } : { client_id, client_secret };
  } catch (cause) {
    const words = cause instanceof RegistrationRejectedError ? refusalOf(cause) : messageOf(cause);
    throw new McpOAuthError("registration", `the authorization server did not register a client: ${words}`, { cause });
  }
}

/** A public client where it may be: the secret of a program that everybody has is none. */
function authMethodOf({ tokenAuthMethods }: AuthorizationServer): string {
  if (tokenAuthMethods === undefined || tokenAuthMethods.includes("none")) return "none";
  return ["client_secret_basic", "client_secret_post"].find((each) => tokenAuthMethods.includes(each)) ?? "none";
}

function refusalOf({ status, body }: RegistrationRejectedError): string {
  return `HTTP ${status} ${shownWords(body ?? "")}`.trimEnd();
}

function messageOf(error: unknown): string {
  return shownWords(error instanceof Error ? error.message : String(error));
}
