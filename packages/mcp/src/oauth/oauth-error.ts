/**
 * What a login or a refresh failed with.
 *
 * - `unsupported`: the server does not say how to sign in.
 * - `discovery`: what it says of that can not be used.
 * - `registration`: the authorization server takes no client of ours.
 * - `denied`: the user or the authorization server refused.
 * - `token`: it gave no token.
 * - `timeout`: the user took too long.
 * - `cancelled`: the login was given up.
 * - `callback`: nothing can be listened to for the browser to come back to.
 * - `store`: credentials could not be read or kept.
 */
export type McpOAuthErrorCode =
  | "unsupported"
  | "discovery"
  | "registration"
  | "denied"
  | "token"
  | "timeout"
  | "cancelled"
  | "callback"
  | "store";

/** A login failed, or stored credentials could not be used. The message holds no token, and no query of an address. */
export class McpOAuthError extends Error {
  override readonly name = "McpOAuthError";
  readonly code: McpOAuthErrorCode;

  constructor(code: McpOAuthErrorCode, message: string, options: { readonly cause?: unknown } = {}) {
    super(message, options);
    this.code = code;
  }
}
