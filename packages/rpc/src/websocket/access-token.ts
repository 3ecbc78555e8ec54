import { createHash, timingSafeEqual } from "node:crypto";
import type { IncomingMessage } from "node:http";
import type { HttpAnswer } from "./http-answer.ts";
import { TOKEN_PROTOCOL_PREFIX } from "./token-protocol.ts";

/** Bytes of UTF-8 that a token may have at most. */
const TOKEN_MAX_BYTES = 1_024;

const REFUSAL: HttpAnswer = {
  status: 401,
  body: "a token is needed: send it as Authorization: Bearer, or from a web page as the subprotocol holdfast.token.",
  headers: { "WWW-Authenticate": "Bearer" },
};

/**
 * A check of handshakes for one secret token, in an `Authorization: Bearer` header or in the subprotocol that a page sends. What it
 * compares takes as long whatever was sent.
 *
 * @returns a function that gives the refusal of a handshake without the token, and `undefined` for one with it.
 * @throws RangeError - The token is empty, longer than 1,024 bytes, or more than one word, which no header could bring.
 */
export function tokenCheck(token: string): (request: IncomingMessage) => HttpAnswer | undefined {
  const bytes = Buffer.byteLength(token);
  if (bytes === 0 || bytes > TOKEN_MAX_BYTES) {
    throw new RangeError(`a token must have from 1 to ${TOKEN_MAX_BYTES} bytes, not ${bytes}`);
  }
  if (/\s/.test(token)) throw new RangeError("a token must be one word, without spaces and line ends");
  const wanted = digestOf(token);
  return (request) => {
    const offered = tokensOf(request);
    // Two that differ are not tried one after the other.
    if (offered.length !== 1) return REFUSAL;
    return timingSafeEqual(digestOf(offered[0] ?? ""), wanted) ? undefined : REFUSAL;
  };
}

/** Of one length, so that comparing tells nothing of the length of the token either. */
function digestOf(token: string): Buffer {
  return createHash("sha256").update(token).digest();
}

function tokensOf({ headers }: IncomingMessage): readonly string[] {
  const [, bearer] = /^Bearer +([^\s]+) *$/i.exec(headers.authorization ?? "") ?? [];
  const protocols = (headers["sec-websocket-protocol"] ?? "").split(",").map((name) => name.trim());
  const inProtocols = protocols
    .filter((name) => name.startsWith(TOKEN_PROTOCOL_PREFIX))
    .map((name) => Buffer.from(name.slice(TOKEN_PROTOCOL_PREFIX.length), "base64url").toString());
  return bearer === undefined ? inProtocols : [bearer, ...inProtocols];
}
