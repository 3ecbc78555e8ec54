import { decodeBase64Url, encodeBase64Url } from "./base64url.ts";
import { brandPathUri, type PathUri } from "./path-uri.ts";
import type { PathConvention } from "./wire.ts";

/** What every URI starts with that carries a native path without a `file:` spelling. */
export const OPAQUE_PREFIX = "file:///%00/bad/path/";

/** Carry the bytes of a native path that has no `file:` spelling. */
export function opaqueUri(payload: string): PathUri {
  return brandPathUri(OPAQUE_PREFIX + encodeBase64Url(payload));
}

/** The bytes behind the reserved prefix; `undefined` when they are missing or not canonical base64url. */
export function opaquePayload(uri: string): string | undefined {
  const encoded = uri.slice(OPAQUE_PREFIX.length);
  return encoded === "" ? undefined : decodeBase64Url(encoded);
}

/** Windows payloads are UTF-16 code units, low byte first. */
export function textToUtf16Payload(text: string): string {
  let payload = "";
  for (let index = 0; index < text.length; index++) {
    const unit = text.charCodeAt(index);
    payload += String.fromCharCode(unit & 0xff, unit >> 8);
  }
  return payload;
}

/** @returns `undefined` for an odd number of bytes. */
export function utf16PayloadToText(payload: string): string | undefined {
  if (payload.length % 2 !== 0) return undefined;
  let text = "";
  for (let index = 0; index < payload.length; index += 2) {
    text += String.fromCharCode(payload.charCodeAt(index) | (payload.charCodeAt(index + 1) << 8));
  }
  return text;
}

/** The convention of a payload, as far as its bytes show. A slash and a zero could be of either system, so they show nothing. */
export function conventionOfPayload(payload: string): PathConvention | undefined {
  if (/^\/(?!\0)/.test(payload)) return "posix";
  const text = utf16PayloadToText(payload);
  return text !== undefined && /^(?:[A-Za-z]:|\\\\)/.test(text) ? "windows" : undefined;
}
