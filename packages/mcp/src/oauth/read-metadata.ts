import type { AuthorizationServer, ResourceMetadata } from "./discovered.ts";
import { McpOAuthError } from "./oauth-error.ts";

type Document = Readonly<Record<string, unknown>>;

/** @throws McpOAuthError - It is no such metadata. */
export function readResourceMetadata(document: Document): ResourceMetadata {
  const { resource } = document;
  if (typeof resource !== "string") throw invalid("protected resource metadata has no resource");
  return {
    resource,
    authorizationServers: texts(document, "authorization_servers") ?? [],
    scopes: texts(document, "scopes_supported"),
  };
}

/** @throws McpOAuthError - It is no such metadata, or names an endpoint that must not be used. */
export function readAuthorizationServer(
  document: Document,
  isAllowed: (endpoint: URL) => boolean,
): AuthorizationServer {
  const { issuer } = document;
  if (typeof issuer !== "string") throw invalid("authorization server metadata has no issuer");
  const endpoint = (key: string): string | undefined => endpointOf(document, key, isAllowed);
  const authorizationEndpoint = endpoint("authorization_endpoint");
  const tokenEndpoint = endpoint("token_endpoint");
  if (authorizationEndpoint === undefined || tokenEndpoint === undefined) {
    throw invalid("authorization server metadata lacks an authorization_endpoint or a token_endpoint");
  }
  return {
    issuer,
    authorizationEndpoint,
    tokenEndpoint,
    registrationEndpoint: endpoint("registration_endpoint"),
    scopes: texts(document, "scopes_supported"),
    responseTypes: texts(document, "response_types_supported"),
    challengeMethods: texts(document, "code_challenge_methods_supported"),
    tokenAuthMethods: texts(document, "token_endpoint_auth_methods_supported"),
    namesIssuer: document.authorization_response_iss_parameter_supported === true,
    takesClientDocuments: document.client_id_metadata_document_supported === true,
    isAssumed: false,
  };
}

function endpointOf(document: Document, key: string, isAllowed: (endpoint: URL) => boolean): string | undefined {
  const value = document[key];
  if (value === undefined || value === null) return undefined;
  const url = typeof value === "string" ? URL.parse(value) : null;
  if (url === null) throw invalid(`the ${key} of the authorization server is no URL`);
  if (!isAllowed(url)) throw invalid(`the ${key} of the authorization server must be an https: URL`);
  return url.href;
}

function texts(document: Document, key: string): readonly string[] | undefined {
  const value = document[key];
  return Array.isArray(value) && value.every((each) => typeof each === "string") ? value : undefined;
}

function invalid(problem: string): McpOAuthError {
  return new McpOAuthError("discovery", problem);
}
