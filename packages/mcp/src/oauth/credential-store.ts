import type { StoredCredentials } from "./credentials.ts";

/** Where the results of logins are kept. */
export interface CredentialStore {
  /** @throws McpOAuthError `store` - It can not be read. */
  load(key: string): Promise<StoredCredentials | undefined>;
  /** @throws McpOAuthError `store` - It can not be written. */
  save(key: string, credentials: StoredCredentials): Promise<void>;
  /** @returns Whether there were any. @throws McpOAuthError `store`. */
  remove(key: string): Promise<boolean>;
  /**
   * Do something with one server's credentials while nobody else does, here or in another process: a refresh token may be good once.
   *
   * @throws McpOAuthError `store` - Others did for too long. What `run` throws, and the reason of `signal`.
   */
  exclusively<Result>(key: string, signal: AbortSignal | undefined, run: () => Promise<Result>): Promise<Result>;
}
