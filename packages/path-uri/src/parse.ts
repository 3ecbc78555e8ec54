import { parseFileUrl } from "./file-url.ts";
import type { HostOs } from "./host-os.ts";
import { checkLength } from "./length.ts";
import { opaquePayload } from "./opaque.ts";
import { isDriveSegment, isOpaque, uriOfParts } from "./parts.ts";
import { brandPathUri, type PathUri } from "./path-uri.ts";
import { invalidOnHost, isPathUriError, type PathUriError } from "./path-uri-error.ts";

/** How to parse. */
export interface ParsePathUriOptions {
  /** The operating system that error texts name. Default `linux`. It does not change what is accepted. */
  hostOs?: HostOs;
}

/** What {@link tryParsePathUri} found. */
export type ParsePathUriResult = { ok: true; uri: PathUri } | { ok: false; error: PathUriError };

/** Text that parsing leaves as it is: nothing to encode, resolve, trim or put in upper case. */
const ALREADY_CANONICAL = /^file:\/\/(?:\/(?!\.{1,2}(?:\/|$)|[A-Za-z]:(?:\/|$))[A-Za-z0-9!$&'()*+,;=@:~._-]+)+$/;

/**
 * Parse the text of a path URI and put it in canonical form, as every receiver of the protocol does:
 * dot segments are resolved, `\` becomes `/`, the host goes to lower case and a drive letter to upper case.
 * Percent spellings stay, so two URIs can name one path; compare with `pathUrisEqual`.
 *
 * @throws PathUriError `length`, `relative`, `scheme`, `host`, `query`, `fragment`, `nul` or `opaque`.
 */
export function parsePathUri(text: string, options: ParsePathUriOptions = {}): PathUri {
  checkLength(text);
  if (ALREADY_CANONICAL.test(text)) return brandPathUri(text);
  const parts = parseFileUrl(text);
  const uri = uriOfParts(parts);
  checkNul(uri, options.hostOs ?? "linux");
  const [first = "", ...rest] = parts.segments;
  if (parts.host !== "" || !isDriveSegment(first)) return uri;
  return uriOfParts({ host: "", segments: [first.charAt(0).toUpperCase() + first.slice(1), ...rest] });
}

/** Like {@link parsePathUri}, with the refusal as a value. */
export function tryParsePathUri(text: string, options: ParsePathUriOptions = {}): ParsePathUriResult {
  try {
    return { ok: true, uri: parsePathUri(text, options) };
  } catch (error) {
    if (isPathUriError(error)) return { ok: false, error };
    throw error;
  }
}

function checkNul(uri: PathUri, hostOs: HostOs): void {
  if (!uri.includes("%00")) return;
  if (!isOpaque(uri)) throw invalidOnHost("nul", uri, hostOs);
  if (opaquePayload(uri) === undefined) throw invalidOnHost("opaque", uri, hostOs);
}

/** The path URI that a value of a message is the text of; undefined for anything else. */
export function readPathUri(value: unknown): PathUri | undefined {
  if (typeof value !== "string") return undefined;
  const result = tryParsePathUri(value);
  return result.ok ? result.uri : undefined;
}
