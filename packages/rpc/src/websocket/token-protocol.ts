/** The subprotocol that a listener agrees to, and what goes before a token that is offered beside it. */
export const HOLDFAST_PROTOCOL = "holdfast";
export const TOKEN_PROTOCOL_PREFIX = "holdfast.token.";

/**
 * The subprotocols by which a page sends a token, which can send no headers. The one with the token is never agreed to, so that
 * it does not come back.
 */
export function protocolsWithToken(token: string): readonly string[] {
  const bytes = new TextEncoder().encode(token);
  const base64 = btoa(Array.from(bytes, (byte) => String.fromCharCode(byte)).join(""));
  const base64url = base64.replaceAll("+", "-").replaceAll("/", "_").replaceAll("=", "");
  return [HOLDFAST_PROTOCOL, `${TOKEN_PROTOCOL_PREFIX}${base64url}`];
}
