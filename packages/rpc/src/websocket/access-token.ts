import { createHash, timingSafeEqual } from "node:crypto";
import type { IncomingMessage } from "node:http";
import type { HttpAnswer } from "./http-answer.ts";
import { TOKEN_PROTOCOL_PREFIX } from "./token-protocol.ts";

/** Bytes of UTF-8 that a token may have at most: more do not fit into the head of a request, with what else is in it. */
const TOKEN_MAX_BYTES = 8_192;

/** What a handshake is answered with that brings no credential, one in another form, or one that is not the token. */
const MISSING = "missing websocket bearer token";
const MALFORMED = "invalid authorization header";
const WRONG = "invalid websocket bearer token";

/** A refusal of the credential that a handshake brings, or does not bring: 401. */
export function credentialRefusal(body: string): HttpAnswer {
  return { status: 401, body, headers: { "WWW-Authenticate": "Bearer" } };
}

/**
 * The token that a handshake brings, in an `Authorization: Bearer` header or in the subprotocol that a web page sends; or how it is refused
 * without one.
 */
export function offeredToken({
  headers,
}: IncomingMessage): { readonly token: string } | { readonly refusal: HttpAnswer } {
  const bearer = headers.authorization === undefined ? undefined : bearerOf(headers.authorization);
  if (bearer === null) return { refusal: credentialRefusal(MALFORMED) };
  const [token, ...others] = [...(bearer === undefined ? [] : [bearer]), ...tokensOfPage(headers)];
  if (token === undefined) return { refusal: credentialRefusal(MISSING) };
  // Two are not tried one after the other.
  return others.length > 0 ? { refusal: credentialRefusal(WRONG) } : { token };
}

/**
 * A check of handshakes for one secret token, in an `Authorization: Bearer` header or in the subprotocol that a page sends. What it
 * compares takes as long whatever was sent.
 *
 * @returns a function that gives the refusal of a handshake without the token, and `undefined` for one with it.
 * @throws RangeError - The token is empty, longer than 8,192 bytes, or has a character that no header could bring.
 */
export function tokenCheck(token: string): (request: IncomingMessage) => HttpAnswer | undefined {
  const bytes = Buffer.byteLength(token);
  if (bytes === 0 || bytes > TOKEN_MAX_BYTES) {
    throw new RangeError(`a token must have from 1 to ${TOKEN_MAX_BYTES} bytes, not ${bytes}`);
  }
  if (/^ | $|[^\x20-\x7e\xa0-\xff]/u.test(token)) {
    throw new RangeError(
      "a token must be one line of characters that a header can bring, without a blank at either end",
    );
  }
  return tokenDigestCheck(digestOf(token));
}

/** The same as {@link tokenCheck}, for a token of which only the SHA-256 is known. @throws RangeError - It has not 32 bytes. */
export function tokenDigestCheck(wanted: Uint8Array): (request: IncomingMessage) => HttpAnswer | undefined {
  if (wanted.length !== 32) throw new RangeError(`a SHA-256 has 32 bytes, not ${wanted.length}`);
  return (request) => {
    const offered = offeredToken(request);
    if ("refusal" in offered) return offered.refusal;
    if (timingSafeEqual(digestOf(offered.token), wanted)) return undefined;
    return credentialRefusal(/[^\x20-\x7e]/.test(offered.token) ? MALFORMED : WRONG);
  };
}

/** Of one length, so that comparing tells nothing of the length of the token either. */
function digestOf(token: string): Buffer {
  return createHash("sha256").update(token).digest();
}

/** @returns null for a header that brings none. */
function bearerOf(header: string): string | null {
  const [, token = ""] = /^Bearer +(.*)$/i.exec(header) ?? [];
  const trimmed = token.trim();
  return trimmed === "" ? null : trimmed;
}

function tokensOfPage(headers: IncomingMessage["headers"]): readonly string[] {
  const protocols = (headers["sec-websocket-protocol"] ?? "").split(",").map((name) => name.trim());
  return protocols
    .filter((name) => name.startsWith(TOKEN_PROTOCOL_PREFIX))
    .map((name) => Buffer.from(name.slice(TOKEN_PROTOCOL_PREFIX.length), "base64url").toString());
}
