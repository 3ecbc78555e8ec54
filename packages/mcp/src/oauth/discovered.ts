/** What a protected server says of how to get a token for it (RFC 9728), as far as it is used. */
export interface ResourceMetadata {
  /** What tokens are to be asked for. */
  readonly resource: string;
  readonly authorizationServers: readonly string[];
  readonly scopes: readonly string[] | undefined;
}

/** What an authorization server says of itself (RFC 8414), as far as it is used. */
export interface AuthorizationServer {
  readonly issuer: string;
  readonly authorizationEndpoint: string;
  readonly tokenEndpoint: string;
  readonly registrationEndpoint: string | undefined;
  readonly scopes: readonly string[] | undefined;
  readonly responseTypes: readonly string[] | undefined;
  readonly challengeMethods: readonly string[] | undefined;
  readonly tokenAuthMethods: readonly string[] | undefined;
  /** Whether it names itself where the browser comes back (RFC 9207). */
  readonly namesIssuer: boolean;
  /** Whether a client may be the address of a document about it. */
  readonly takesClientDocuments: boolean;
  /** Whether it said nothing of itself, and is taken to be as servers were before they did. */
  readonly isAssumed: boolean;
}

/** What has to be known to sign in to a server. */
export interface Discovered {
  readonly server: AuthorizationServer;
  /** Undefined: the server has none. */
  readonly resource: ResourceMetadata | undefined;
  /** The scope that the server asked for when it refused a request. */
  readonly challengedScope: string | undefined;
}
