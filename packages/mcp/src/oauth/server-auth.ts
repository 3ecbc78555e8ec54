/** What stands for the user in requests to a server. */
export interface ServerAuth {
  /** The token for the next request; undefined: there is none, and the request goes without. @throws McpOAuthError. */
  token(): Promise<string | undefined>;
  /**
   * Another token in the place of one that the server refused.
   *
   * @param refused - Undefined: the request went without.
   * @param response - With which it was refused.
   * @throws McpLoginRequiredError - There is no other. McpOAuthError - One could not be asked for.
   */
  renew(refused: string | undefined, response: Response): Promise<string>;
  /**
   * Another token in the place of one that is good for less than the server asks for.
   *
   * @param scope - What it asks for; undefined: it does not say.
   * @throws As `renew`; the error says what a login has to ask for.
   */
  widen(refused: string | undefined, scope: string | undefined): Promise<string>;
}
