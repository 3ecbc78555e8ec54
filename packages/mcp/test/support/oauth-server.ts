import { once } from "node:events";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import Provider from "oidc-provider";
import type { SeenRequest } from "./web-server.ts";

export interface OAuthServerOptions {
  /** Seconds that an access token is good for. Default 3,600. */
  readonly accessTokenSeconds?: number;
  /** Clients that are known already. */
  readonly clients?: readonly Readonly<Record<string, unknown>>[];
  /** Default true. */
  readonly registration?: boolean;
}

/** Scopes that resources of tests have. */
export const RESOURCE_SCOPES = "read write";

/** An OAuth server on loopback: whole, with registration, PKCE, resource indicators, and refresh tokens that are good once. */
export class OAuthServer implements AsyncDisposable {
  /** Requests so far. */
  readonly seen: SeenRequest[] = [];
  readonly issuer: string;
  readonly #server: Server;

  private constructor(server: Server, issuer: string) {
    this.#server = server;
    this.issuer = issuer;
  }

  static async open(options: OAuthServerOptions = {}): Promise<OAuthServer> {
    const server = createServer();
    server.listen(0, "127.0.0.1");
    await once(server, "listening");
    const issuer = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
    const opened = new OAuthServer(server, issuer);
    const handle = new Provider(issuer, configurationOf(options)).callback();
    server.on("request", (request, response) => {
      const { method = "GET", url: path = "/" } = request;
      const chunks: Buffer[] = [];
      request.on("data", (chunk: Buffer) => chunks.push(chunk));
      const headers = new Headers(Object.entries(request.headers).map(([name, value]) => [name, String(value)]));
      const body = (): string => Buffer.concat(chunks).toString();
      opened.seen.push(Object.defineProperty({ method, path, headers, body: "" }, "body", { get: body }));
      void handle(request, response);
    });
    return opened;
  }

  /** Method and path of all requests so far, without queries. */
  get trail(): readonly string[] {
    return this.seen.map(({ method, path }) => `${method} ${path.replace(/\?.*/, "")}`);
  }

  /** The parameters of each request for a token so far. */
  get tokenRequests(): readonly URLSearchParams[] {
    return this.seen.filter(({ path }) => path === "/token").map(({ body }) => new URLSearchParams(body));
  }

  async [Symbol.asyncDispose](): Promise<void> {
    const closed = once(this.#server, "close");
    this.#server.close();
    this.#server.closeAllConnections();
    await closed;
  }
}

function configurationOf({ accessTokenSeconds = 3_600, clients = [], registration = true }: OAuthServerOptions) {
  return {
    clients,
    scopes: ["openid", "offline_access", ...RESOURCE_SCOPES.split(" ")],
    clientDefaults: { grant_types: ["authorization_code", "refresh_token"], token_endpoint_auth_method: "none" },
    cookies: { keys: ["a key of tests"] },
    features: {
      devInteractions: { enabled: true },
      registration: { enabled: registration },
      resourceIndicators: {
        enabled: true,
        getResourceServerInfo: (_context: unknown, resource: string) => ({
          scope: RESOURCE_SCOPES,
          audience: resource,
          accessTokenTTL: accessTokenSeconds,
          accessTokenFormat: "jwt",
          jwt: { sign: { alg: "RS256" } },
        }),
        useGrantedResource: () => true,
      },
    },
    issueRefreshToken: () => true,
    rotateRefreshToken: true,
    pkce: { required: () => true },
    ttl: { AccessToken: accessTokenSeconds, Grant: 3_600, Interaction: 3_600, RefreshToken: 3_600, Session: 3_600 },
  };
}
