import { randomBytes, randomUUID } from "node:crypto";
import type { Clock } from "@holdfast/rpc";
import {
  exchangeAuthorization,
  IssuerMismatchError,
  type OAuthClientInformation,
  startAuthorization,
  validateAuthorizationResponseIssuer,
} from "@modelcontextprotocol/client";
import type { HttpServerConfig } from "../config/server-config.ts";
import type { FetchLike } from "../http/fetch-like.ts";
import { serverUrl } from "../http/server-url.ts";
import { shownWords } from "../http/shown-words.ts";
import { assumed } from "./assumed.ts";
import { CallbackListener, type CallbackReply } from "./callback-listener.ts";
import type { CredentialStore } from "./credential-store.ts";
import type { CredentialOwner } from "./credentials.ts";
import { type Challenge, discover } from "./discover.ts";
import type { Discovered } from "./discovered.ts";
import { LOGIN_TIMEOUT_MS } from "./limits.ts";
import { type ClientOptions, clientForLogin, configuredClient } from "./oauth-client.ts";
import { McpOAuthError } from "./oauth-error.ts";
import { oauthFetch } from "./oauth-fetch.ts";
import { checkRedirect, portOf, type RedirectOptions, redirectUrl } from "./redirect-place.ts";
import { sdkMetadata } from "./sdk-metadata.ts";
import { credentialsOf, resourceOf } from "./token-endpoint.ts";

export interface LoginOptions extends ClientOptions {
  readonly owner: CredentialOwner;
  readonly http: HttpServerConfig;
  /** From where the server is placed; follows no redirect. */
  readonly fetch: FetchLike;
  readonly store: CredentialStore;
  /** What the server said when it refused a message, if one was sent. */
  readonly challenge: Challenge | undefined;
  readonly clock: Clock;
  /** What to ask for. Default: what the configuration says, or else the server. */
  readonly scopes: readonly string[] | undefined;
  readonly redirect: RedirectOptions;
  /** Milliseconds that the user may take. Default 300,000. */
  readonly timeoutMs: number | undefined;
  readonly signal: AbortSignal | undefined;
}

const REPLIES = {
  done: { status: 200, text: "Authentication complete. You may close this window." },
  invalid: { status: 400, text: "Invalid OAuth callback" },
} as const satisfies Record<string, CallbackReply>;

/**
 * One login to a server: the user signs in by a browser, which comes back here with a code, or else the user brings the address that it was sent
 * to.
 */
export class McpLogin {
  /** Tells it from others. */
  readonly id: string = randomUUID();
  /** What the user has to open. */
  readonly authorizationUrl: string;
  /** Resolves when the token is stored. @throws McpOAuthError. */
  readonly completed: Promise<void>;
  readonly #prepared: Prepared;
  readonly #options: LoginOptions;
  readonly #arrived: PromiseWithResolvers<URLSearchParams>;

  private constructor(options: LoginOptions, prepared: Prepared, arrived: PromiseWithResolvers<URLSearchParams>) {
    this.#options = options;
    this.#prepared = prepared;
    this.#arrived = arrived;
    this.authorizationUrl = prepared.authorizationUrl;
    this.completed = this.#complete();
    this.completed.catch(() => {});
  }

  /**
   * Find out how to sign in, and listen for the browser.
   *
   * @throws McpOAuthError - That is not known, no client is registered, or nothing can be listened to.
   */
  static async start(options: LoginOptions): Promise<McpLogin> {
    checkRedirect(options.redirect);
    const arrived = Promise.withResolvers<URLSearchParams>();
    arrived.promise.catch(() => {});
    let judge = (_path: string, _query: URLSearchParams): CallbackReply => REPLIES.invalid;
    const listener = await CallbackListener.open(portOf(options.redirect), (path, query) => judge(path, query));
    try {
      const prepared = await prepare(options, listener);
      judge = (path, query) => judged(prepared, arrived, path, query);
      return new McpLogin(options, prepared, arrived);
    } catch (error) {
      await listener[Symbol.asyncDispose]();
      throw error;
    }
  }

  /**
   * Bring the address that the browser was sent to, when it could not come here by itself.
   *
   * @throws McpOAuthError `denied` - It is not that of this login; it goes on.
   */
  async finish(address: string): Promise<void> {
    const url = URL.parse(address.trim());
    const reply =
      url === null ? REPLIES.invalid : judged(this.#prepared, this.#arrived, url.pathname, url.searchParams);
    if (reply === REPLIES.invalid) {
      throw new McpOAuthError("denied", "this is not the address that the browser was sent back to by this login");
    }
    await this.completed;
  }

  /** Give it up. */
  cancel(): void {
    this.#arrived.reject(new McpOAuthError("cancelled", "the login was cancelled"));
  }

  async #complete(): Promise<void> {
    const { clock, signal, timeoutMs = LOGIN_TIMEOUT_MS } = this.#options;
    const late = `nobody signed in within ${timeoutMs / 1_000} s`;
    const timer = clock.after(timeoutMs, () => this.#arrived.reject(new McpOAuthError("timeout", late)));
    const onAbort = (): void => this.cancel();
    if (signal?.aborted) onAbort();
    signal?.addEventListener("abort", onAbort, { once: true });
    try {
      const query = await this.#arrived.promise;
      timer.cancel();
      await redeem(this.#options, this.#prepared, query);
    } finally {
      timer.cancel();
      signal?.removeEventListener("abort", onAbort);
      await this.#prepared.listener[Symbol.asyncDispose]();
    }
  }
}

/** What a login knows before the user is asked. */
interface Prepared {
  readonly listener: CallbackListener;
  readonly redirect: URL;
  readonly discovered: Discovered;
  readonly client: OAuthClientInformation;
  readonly scope: string | undefined;
  readonly resource: string;
  readonly state: string;
  readonly codeVerifier: string;
  readonly authorizationUrl: string;
}

async function prepare(options: LoginOptions, listener: CallbackListener): Promise<Prepared> {
  const { http } = options;
  const url = serverUrl(http.url);
  const fetchFn = oauthFetch(options.fetch, options);
  const discovered = (await discover(url, fetchFn, options.challenge)) ?? assumed(url);
  const known = configuredClient(http);
  const redirect = redirectUrl(options.redirect, listener.port, url, known !== undefined);
  const scope = scopeOf(options.scopes ?? http.scopes, discovered);
  const client =
    known ??
    (await clientForLogin(discovered.server, redirect, scope, options, fetchFn).catch((error: unknown) => {
      if (!discovered.server.isAssumed) throw error;
      throw new McpOAuthError("unsupported", "the server does not say how to sign in", { cause: error });
    }));
  const resource = resourceOf(url, discovered, http.oauthResource);
  const state = randomBytes(16).toString("base64url");
  const { authorizationUrl, codeVerifier } = await startAuthorization(discovered.server.issuer, {
    metadata: sdkMetadata(discovered.server),
    clientInformation: client,
    redirectUrl: redirect,
    state,
    resource,
    ...(scope === undefined ? {} : { scope }),
  }).catch((cause: unknown) => {
    throw new McpOAuthError("discovery", shownWords(String(cause instanceof Error ? cause.message : cause)), { cause });
  });
  return {
    listener,
    redirect,
    discovered,
    client,
    scope,
    resource,
    state,
    codeVerifier,
    authorizationUrl: authorizationUrl.href,
  };
}

/** What is asked for: what the user wants, or else what the server asked for, or else all that it has. */
function scopeOf(
  wanted: readonly string[] | undefined,
  { server, resource, challengedScope }: Discovered,
): string | undefined {
  if (wanted !== undefined) return wanted.length === 0 ? undefined : wanted.join(" ");
  const asked = challengedScope?.split(" ") ?? resource?.scopes ?? server.scopes ?? [];
  const scopes = new Set(asked.filter((each) => each !== ""));
  if (scopes.size === 0) return undefined;
  // What lets a login last; of no use to servers that do not know it.
  if (server.scopes?.includes("offline_access")) scopes.add("offline_access");
  return [...scopes].join(" ");
}

/** Whether a request is that of the browser that comes back; whatever else is asked here changes nothing. */
function judged(
  { redirect, state, discovered }: Prepared,
  arrived: PromiseWithResolvers<URLSearchParams>,
  path: string,
  query: URLSearchParams,
): CallbackReply {
  const isOurs =
    path === redirect.pathname && query.get("state") === state && (query.has("code") || query.has("error"));
  if (!isOurs) return REPLIES.invalid;
  const error = query.get("error");
  if (error !== null && isOfServer(query, discovered)) {
    const text = providerError(error, query.get("error_description"));
    arrived.reject(new McpOAuthError("denied", text));
    return { status: 400, text };
  }
  arrived.resolve(query);
  return REPLIES.done;
}

/** What another authorization server says is not repeated: it is not known who wrote it. */
function isOfServer(query: URLSearchParams, { server }: Discovered): boolean {
  const iss = query.get("iss") ?? undefined;
  try {
    validateAuthorizationResponseIssuer({
      iss,
      expectedIssuer: server.issuer,
      issParameterSupported: server.namesIssuer,
    });
    return true;
  } catch {
    return false;
  }
}

function providerError(error: string, description: string | null): string {
  const words = `OAuth provider returned \`${shownWords(error)}\``;
  return description === null || description === "" ? words : `${words}: ${shownWords(description)}`;
}

/** Take the token for the code, and keep it. */
async function redeem(options: LoginOptions, prepared: Prepared, query: URLSearchParams): Promise<void> {
  const { discovered, client, redirect, codeVerifier, resource, scope } = prepared;
  const { owner, store } = options;
  const iss = query.get("iss");
  try {
    const tokens = await exchangeAuthorization(discovered.server.issuer, {
      metadata: sdkMetadata(discovered.server),
      clientInformation: client,
      authorizationCode: query.get("code") ?? "",
      codeVerifier,
      redirectUri: redirect,
      resource,
      fetchFn: oauthFetch(options.fetch, options),
      ...(iss === null ? {} : { iss }),
    });
    const credentials = credentialsOf(owner, client, discovered, tokens, scope);
    await store.exclusively(owner.key, options.signal, () => store.save(owner.key, credentials));
  } catch (cause) {
    if (cause instanceof McpOAuthError) throw cause;
    const isOther = cause instanceof IssuerMismatchError;
    const words = isOther ? "the browser was sent back by another authorization server" : reasonOf(cause);
    throw new McpOAuthError("token", `no token was given: ${words}`, { cause });
  }
}

function reasonOf(error: unknown): string {
  return shownWords(error instanceof Error ? error.message : String(error));
}
