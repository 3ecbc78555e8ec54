/** What stands for the user in requests to a server. */
export interface ServerAuth {
  /** The token for the next request; undefined: there is none, and the request goes without. @throws McpOAuthError. */
  token(): Promise<string | undefined>;
  /**
   * Another token in the place of one that the server refused.
   *
   * @param refused - Undefined: the request went without.
   * @throws McpLoginRequiredError - There is no other. McpOAuthError - One could not be asked for.
   */
  renew(refused: string | undefined): Promise<string>;
}
