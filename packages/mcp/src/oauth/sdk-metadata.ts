import type { AuthorizationServerMetadata } from "@modelcontextprotocol/client";
import type { AuthorizationServer } from "./discovered.ts";

/** An authorization server in the terms of the SDK. */
export function sdkMetadata(server: AuthorizationServer): AuthorizationServerMetadata {
  const { registrationEndpoint, challengeMethods, tokenAuthMethods } = server;
  return {
    issuer: server.issuer,
    authorization_endpoint: server.authorizationEndpoint,
    token_endpoint: server.tokenEndpoint,
    response_types_supported: [...(server.responseTypes ?? ["code"])],
    authorization_response_iss_parameter_supported: server.namesIssuer,
    ...(registrationEndpoint === undefined ? {} : { registration_endpoint: registrationEndpoint }),
    ...(challengeMethods === undefined ? {} : { code_challenge_methods_supported: [...challengeMethods] }),
    ...(tokenAuthMethods === undefined ? {} : { token_endpoint_auth_methods_supported: [...tokenAuthMethods] }),
  };
}
