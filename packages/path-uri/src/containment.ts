import { conventionOf } from "./convention.ts";
import { asciiLowerCase, comparableSegments, decodedSegments } from "./lexical.ts";
import { isOpaque, namedSegments, partsOf } from "./parts.ts";
import type { PathUri } from "./path-uri.ts";
import { byteStringToText, percentDecode } from "./percent.ts";

const PATH_START = "file://".length;

/**
 * Do two URIs name the same path? POSIX paths compare by their canonical text, Windows paths by host and decoded names
 * without regard to ASCII case, so a trailing slash or another percent spelling makes no difference there.
 */
export function pathUrisEqual(a: PathUri, b: PathUri): boolean {
  if (a === b) return true;
  if (isOpaque(a) || isOpaque(b) || conventionOf(a) !== "windows" || conventionOf(b) !== "windows") return false;
  return partsOf(a).host === partsOf(b).host && isPrefix(foldedNames(a), foldedNames(b), "whole");
}

/**
 * Does `uri` lie at or below `base`? Names are compared after decoding, without regard to ASCII case on Windows.
 *
 * False in doubt: for an opaque URI that is not `base` itself, and where a name on either side decodes to something with a
 * separator, because the system would read that as more than one name.
 */
export function startsWith(uri: PathUri, base: PathUri): boolean {
  if (isPlainPosix(uri) && isPlainPosix(base)) return isTextWithin(uri, base);
  if (pathUrisEqual(uri, base)) return true;
  if (conventionOf(uri) !== conventionOf(base)) return false;
  const names = comparableSegments(uri);
  const baseNames = comparableSegments(base);
  if (names === undefined || baseNames === undefined) return false;
  return partsOf(uri).host === partsOf(base).host && isPrefix(baseNames, names, "start");
}

/** Does one of the two lie at or below the other? */
export function overlaps(a: PathUri, b: PathUri): boolean {
  return startsWith(a, b) || startsWith(b, a);
}

/**
 * What leads from `base` to `uri`, as native text of their convention; empty when they are the same.
 *
 * @returns `undefined` when `uri` does not lie at or below `base`, or the rest is not UTF-8.
 */
export function relativePathFrom(uri: PathUri, base: PathUri): string | undefined {
  if (pathUrisEqual(uri, base)) return "";
  if (!startsWith(uri, base)) return undefined;
  const separator = conventionOf(uri) === "windows" ? "\\" : "/";
  const rest = decodedSegments(uri)?.slice(namedSegments(base).length);
  return rest === undefined ? undefined : byteStringToText(rest.join(separator));
}

/** Can names be compared without taking the text apart? No escapes, no empty names but a last one, no drive, no host. */
function isPlainPosix(uri: PathUri): boolean {
  return !uri.includes("%") && !uri.includes("//", PATH_START) && conventionOf(uri) === "posix";
}

function isTextWithin(uri: PathUri, base: PathUri): boolean {
  const end = base.endsWith("/") ? base.length - 1 : base.length;
  if (uri.length < end || !uri.startsWith(end === base.length ? base : base.slice(0, end))) return false;
  return uri.length === end || uri.charAt(end) === "/";
}

function foldedNames(uri: PathUri): string[] {
  return namedSegments(uri).map((segment) => asciiLowerCase(percentDecode(segment)));
}

function isPrefix(prefix: readonly string[], names: readonly string[], extent: "start" | "whole"): boolean {
  if (extent === "whole" && prefix.length !== names.length) return false;
  return prefix.length <= names.length && prefix.every((name, index) => name === names[index]);
}
