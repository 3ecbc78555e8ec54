import { type Clock, systemClock } from "@holdfast/rpc";
import { LOCAL_ENVIRONMENT, type McpServerConfig } from "../config/server-config.ts";
import type { McpEnvironments } from "../environments.ts";
import type { FetchLike } from "../http/fetch-like.ts";
import { placedFetch } from "../http/placed-fetch.ts";
import { serverExecutor } from "../http/server-executor.ts";
import { serverUrl } from "../http/server-url.ts";
import { authStatus, type McpAuthStatus } from "./auth-status.ts";
import type { CredentialStore } from "./credential-store.ts";
import { credentialOwner } from "./credentials.ts";
import type { Challenge } from "./discover.ts";
import { McpLogin } from "./login.ts";
import { NoAuth } from "./no-auth.ts";
import { McpOAuthError } from "./oauth-error.ts";
import type { RedirectOptions } from "./redirect-place.ts";
import type { ServerAuth } from "./server-auth.ts";
import { StoredAuth } from "./stored-auth.ts";

export interface McpAuthOptions {
  readonly environments: McpEnvironments;
  /** Undefined: logins are neither kept nor used. */
  readonly store: CredentialStore | undefined;
  readonly clock?: Clock | undefined;
  /** As users are asked to trust it. Default `Holdfast`. */
  readonly clientName?: string | undefined;
  /** Address of a document about the client (`https:`), for authorization servers that take one instead of a registration. */
  readonly clientDocument?: string | undefined;
  /** Where the browser comes back to, or what tells it at each login. Default: any port of 127.0.0.1. */
  readonly redirect?: RedirectOptions | (() => Promise<RedirectOptions>) | undefined;
  /** How to sign in to a server, as a sentence; part of the error of a server that wants it. */
  readonly advice?: ((server: McpServerConfig) => string) | undefined;
}

export interface McpLoginOptions {
  /** What to ask for. Default: what the configuration says, or else the server. */
  readonly scopes?: readonly string[] | undefined;
  /** Milliseconds that the user may take. Default 300,000. */
  readonly timeoutMs?: number | undefined;
  /** Gives the login up. */
  readonly signal?: AbortSignal | undefined;
}

/** Logins to servers that are reached by HTTP: made, kept, used and forgotten. Everything but the browser goes out from where the server is placed. */
export class McpAuth {
  readonly #options: McpAuthOptions;
  readonly #clock: Clock;
  /** What servers said when they refused a message, by the keys of their credentials: one for each server. */
  readonly #challenges = new Map<string, Challenge>();

  constructor(options: McpAuthOptions) {
    this.#options = options;
    this.#clock = options.clock ?? systemClock;
  }

  /**
   * Begin a login: the user has to open its `authorizationUrl`.
   *
   * @throws McpOAuthError - The server knows no login, or none can be begun.
   */
  async login(server: McpServerConfig, { scopes, timeoutMs, signal }: McpLoginOptions = {}): Promise<McpLogin> {
    const { transport } = server;
    if (transport.kind !== "http") {
      throw new McpOAuthError("unsupported", "OAuth login is only supported for streamable HTTP servers.");
    }
    const { clientName = "Holdfast", clientDocument, redirect = {} } = this.#options;
    const owner = credentialOwner(server);
    return await McpLogin.start({
      owner,
      challenge: this.#challenges.get(owner.key),
      http: transport,
      fetch: await this.#fetchOf(server, signal),
      store: this.#store(),
      clock: this.#clock,
      clientName,
      clientDocument,
      redirect: typeof redirect === "function" ? await redirect() : redirect,
      scopes,
      timeoutMs,
      signal,
    });
  }

  /** Forget a login. The authorization server is not told. @returns Whether there was one. */
  async logout(server: McpServerConfig): Promise<boolean> {
    const { key } = credentialOwner(server);
    const store = this.#store();
    return await store.exclusively(key, undefined, () => store.remove(key));
  }

  /** Whether a server knows who is asking. Never rejects. */
  async status(server: McpServerConfig, signal?: AbortSignal): Promise<McpAuthStatus> {
    if (server.transport.kind === "stdio") return "unsupported";
    try {
      const fetch = await this.#fetchOf(server, signal);
      return await authStatus(server, { fetch, store: this.#store(), clock: this.#clock, signal });
    } catch {
      return "unknown";
    }
  }

  /** What stands for the user in requests to a server. @param fetch - From where it is placed; follows no redirect. */
  authOf(server: McpServerConfig, fetch: FetchLike): ServerAuth {
    const { store } = this.#options;
    const { name, transport } = server;
    const advice = this.#options.advice?.(server) ?? defaultAdvice(server);
    if (store === undefined || transport.kind !== "http") return new NoAuth(name, advice);
    const owner = credentialOwner(server);
    return new StoredAuth({
      owner,
      onChallenge: (challenge) => this.#challenges.set(owner.key, challenge),
      serverName: name,
      serverUrl: serverUrl(transport.url),
      configuredResource: transport.oauthResource,
      fetch,
      store,
      clock: this.#clock,
      advice,
    });
  }

  #store(): CredentialStore {
    const { store } = this.#options;
    if (store === undefined) throw new McpOAuthError("store", "there is nowhere to keep logins");
    return store;
  }

  async #fetchOf(server: McpServerConfig, signal: AbortSignal | undefined): Promise<FetchLike> {
    return placedFetch(await serverExecutor(server, this.#options.environments, signal));
  }
}

function defaultAdvice({ name, environmentId }: McpServerConfig): string {
  return environmentId === LOCAL_ENVIRONMENT
    ? `Run \`codex mcp login ${name}\`.`
    : "Use your client's MCP OAuth sign-in flow.";
}
