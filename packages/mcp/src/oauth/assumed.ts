import type { Discovered } from "./discovered.ts";

/**
 * Where servers without any metadata have their endpoints, by the revision of 2025-03-26: at the root of their own host.
 */
export function assumed({ origin }: URL): Discovered {
  return {
    server: {
      issuer: origin,
      authorizationEndpoint: `${origin}/authorize`,
      tokenEndpoint: `${origin}/token`,
      registrationEndpoint: `${origin}/register`,
      scopes: undefined,
      responseTypes: undefined,
      challengeMethods: undefined,
      tokenAuthMethods: undefined,
      namesIssuer: false,
      takesClientDocuments: false,
      isAssumed: true,
    },
    resource: undefined,
    challengedScope: undefined,
  };
}
