import type { Clock } from "@holdfast/rpc";
import { OAuthError, OAuthErrorCode, refreshAuthorization } from "@modelcontextprotocol/client";
import type { FetchLike } from "../http/fetch-like.ts";
import { shownWords } from "../http/shown-words.ts";
import { assumed } from "./assumed.ts";
import type { CredentialStore } from "./credential-store.ts";
import type { CredentialOwner, StoredCredentials } from "./credentials.ts";
import { type Challenge, challengeIn, discover } from "./discover.ts";
import type { Discovered } from "./discovered.ts";
import { REFRESH_TIMEOUT_MS, TOKEN_MARGIN_MS } from "./limits.ts";
import { McpLoginRequiredError } from "./login-required-error.ts";
import { McpOAuthError } from "./oauth-error.ts";
import { oauthFetch } from "./oauth-fetch.ts";
import { sdkMetadata } from "./sdk-metadata.ts";
import type { ServerAuth } from "./server-auth.ts";
import { clientOf, credentialsOf, resourceOf, scopesOf } from "./token-endpoint.ts";

export interface StoredAuthOptions {
  readonly owner: CredentialOwner;
  readonly serverName: string;
  readonly serverUrl: URL;
  /** `oauth_resource` of its configuration. */
  readonly configuredResource: string | undefined;
  /** From where the server is placed; follows no redirect. */
  readonly fetch: FetchLike;
  readonly store: CredentialStore;
  readonly clock: Clock;
  /** Told what the server says when it refuses a message. */
  readonly onChallenge: (challenge: Challenge) => void;
  /** How to sign in, as a sentence. */
  readonly advice: string;
}

/**
 * The token that a login left, refreshed when it is about to end or is refused.
 *
 * A refresh token may be good once: one refresh at a time in this process, and one among processes; whoever comes second finds the
 * token of the first in the store.
 */
export class StoredAuth implements ServerAuth {
  readonly #options: StoredAuthOptions;
  #known: StoredCredentials | undefined;
  #refreshing: Promise<StoredCredentials> | undefined;
  #discovered: Discovered | undefined;
  /** Shorter than that for tokens that are good for less than twice as long. */
  #marginMs = TOKEN_MARGIN_MS;

  constructor(options: StoredAuthOptions) {
    this.#options = options;
  }

  async token(): Promise<string | undefined> {
    const known = this.#known ?? (await this.#load());
    if (known === undefined || this.#isGood(known)) return known?.access_token;
    return (await this.#refreshed(known)).access_token;
  }

  async renew(refused: string | undefined, response: Response): Promise<string> {
    const challenge = challengeIn(response);
    if (challenge !== undefined) this.#options.onChallenge(challenge);
    const known = await this.#load();
    if (known === undefined) throw this.#loginRequired();
    // Another request, or another process, has another one already.
    if (known.access_token !== refused && this.#isGood(known)) return known.access_token;
    return (await this.#refreshed(known)).access_token;
  }

  async widen(refused: string | undefined, scope: string | undefined): Promise<string> {
    const known = await this.#load();
    // A login may have been made meanwhile.
    if (known !== undefined && known.access_token !== refused && this.#isGood(known)) return known.access_token;
    const scopes = [...new Set([...(known?.scopes ?? []), ...scopesOf(scope)])];
    const { serverName, advice } = this.#options;
    throw new McpLoginRequiredError(serverName, advice, { scopes });
  }

  async #load(): Promise<StoredCredentials | undefined> {
    const { store, owner } = this.#options;
    this.#known = await store.load(owner.key);
    return this.#known;
  }

  #refreshed(spent: StoredCredentials): Promise<StoredCredentials> {
    this.#refreshing ??= this.#refresh(spent).finally(() => {
      this.#refreshing = undefined;
    });
    return this.#refreshing;
  }

  async #refresh(spent: StoredCredentials): Promise<StoredCredentials> {
    const { store, owner, clock } = this.#options;
    return await store.exclusively(owner.key, undefined, async () => {
      const found = await this.#load();
      if (found === undefined) throw this.#loginRequired();
      if (found.access_token !== spent.access_token && this.#isGood(found)) return found;
      const late = new AbortController();
      const timer = clock.after(REFRESH_TIMEOUT_MS, () => late.abort());
      try {
        return await this.#exchange(found, late.signal);
      } finally {
        timer.cancel();
      }
    });
  }

  /** Ask for a token in the place of another, and keep it before anybody uses it. */
  async #exchange(spent: StoredCredentials, signal: AbortSignal): Promise<StoredCredentials> {
    const { serverUrl, owner, store, clock } = this.#options;
    const { refresh_token: refreshToken, scopes } = spent;
    if (refreshToken === undefined) throw this.#loginRequired();
    const fetchFn = oauthFetch(this.#options.fetch, { clock, signal });
    const discovered = await this.#discover(spent, fetchFn);
    const scope = scopes?.join(" ");
    try {
      const tokens = await refreshAuthorization(discovered.server.issuer, {
        metadata: sdkMetadata(discovered.server),
        clientInformation: clientOf(spent),
        refreshToken,
        resource: resourceOf(serverUrl, discovered, this.#options.configuredResource),
        fetchFn,
        ...(scope === undefined ? {} : { scope }),
      });
      const renewed = credentialsOf(owner, clientOf(spent), discovered, tokens, scope);
      await store.save(owner.key, renewed);
      this.#marginMs = Math.min(TOKEN_MARGIN_MS, ((tokens.expires_in ?? Number.POSITIVE_INFINITY) * 1_000) / 2);
      this.#known = renewed;
      return renewed;
    } catch (error) {
      return await this.#recover(error, spent);
    }
  }

  /** The authorization server that gave the refresh token, and no other. */
  async #discover(spent: StoredCredentials, fetchFn: FetchLike): Promise<Discovered> {
    const { serverUrl } = this.#options;
    const discovered = this.#discovered ?? (await discover(serverUrl, fetchFn)) ?? assumed(serverUrl);
    if (discovered.server.isAssumed && spent.issuer !== discovered.server.issuer) {
      throw new McpOAuthError("discovery", "the server does not say any more how to sign in");
    }
    if (spent.issuer !== undefined && spent.issuer !== discovered.server.issuer) {
      throw this.#loginRequired(new McpOAuthError("discovery", "the server has another authorization server now"));
    }
    this.#discovered = discovered;
    return discovered;
  }

  async #recover(error: unknown, spent: StoredCredentials): Promise<StoredCredentials> {
    const isRefused = OAuthError.isInstance(error) && REFUSALS.has(error.code);
    if (!isRefused) {
      if (error instanceof McpOAuthError) throw error;
      throw new McpOAuthError("token", `the token could not be refreshed: ${reasonOf(error)}`, { cause: error });
    }
    // A program that knows nothing of our lock may have been first.
    const found = await this.#load();
    if (found !== undefined && found.refresh_token !== spent.refresh_token && this.#isGood(found)) return found;
    if (found !== undefined && found.refresh_token === spent.refresh_token) await this.#retire(found);
    throw this.#loginRequired(error);
  }

  /** A refresh token that was refused is not tried again. */
  async #retire({ refresh_token: _, ...spent }: StoredCredentials): Promise<void> {
    const { store, owner } = this.#options;
    await store.save(owner.key, spent);
    this.#known = spent;
  }

  #isGood({ expires_at: endsAt }: StoredCredentials): boolean {
    return endsAt === undefined || endsAt - Date.now() > this.#marginMs;
  }

  #loginRequired(cause?: unknown): McpLoginRequiredError {
    const { serverName, advice } = this.#options;
    return new McpLoginRequiredError(serverName, advice, { cause });
  }
}

/** Answers after which a refresh token is of no use. */
const REFUSALS: ReadonlySet<string> = new Set([
  OAuthErrorCode.InvalidGrant,
  OAuthErrorCode.InvalidClient,
  OAuthErrorCode.UnauthorizedClient,
]);

function reasonOf(error: unknown): string {
  return shownWords(error instanceof Error ? error.message : String(error));
}
