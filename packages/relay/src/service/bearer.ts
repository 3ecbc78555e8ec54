import { isExpired, type TokenEntry, type TokenSet } from "../tokens/index.ts";
import { SERVICE_LIMITS } from "./limits.ts";
import { unauthorized } from "./registry-answer.ts";

const BEARER = /^Bearer +([\x21-\x7e]+) *$/i;

/**
 * Whose token a request brings.
 *
 * @param authorization - Its header.
 * @param now - Unix milliseconds.
 * @throws RegistryRefusal - It brings none, or none that may be used.
 */
export function bearerOf(authorization: string | undefined, tokens: TokenSet, now: number): TokenEntry {
  if (authorization === undefined)
    throw unauthorized("missing_token", "send Authorization: Bearer and a token of this relay");
  const [, token] = authorization.length > SERVICE_LIMITS.maxTokenBytes ? [] : (BEARER.exec(authorization) ?? []);
  if (token === undefined)
    throw unauthorized("malformed_token", "Authorization must be Bearer and a token of this relay");
  const entry = tokens.find(token);
  if (entry === undefined) throw unauthorized("unknown_token", "this relay does not know the token, or it was revoked");
  if (isExpired(entry, now)) throw unauthorized("expired_token", "the token has expired");
  return entry;
}
