import { conventionOf } from "./convention.ts";
import { isOpaque, namedSegments, partsOf, uriOfParts } from "./parts.ts";
import type { PathUri } from "./path-uri.ts";
import { byteStringToText, percentDecode } from "./percent.ts";
import type { PathConvention } from "./wire.ts";

/** How many leading segments `..` and `parent` never remove: the drive or the share on Windows. */
export function anchorDepth(convention: PathConvention): number {
  return convention === "windows" ? 1 : 0;
}

/**
 * The decoded last name, or its percent spelling when it is not UTF-8 or the decoded one could not be a name: when it holds
 * a separator or a NUL, or is `.` or `..`. So it never leads anywhere else when it is joined to a folder of its convention.
 *
 * @returns `undefined` for a root, a drive, a share and an opaque URI.
 */
export function basename(uri: PathUri): string | undefined {
  const name = removableSegments(uri).at(-1);
  if (name === undefined) return undefined;
  const decoded = percentDecode(name);
  return isName(decoded, conventionOf(uri)) ? (byteStringToText(decoded) ?? name) : name;
}

/** The URI without its last name. `undefined` for a root, a drive, a share and an opaque URI. */
export function parent(uri: PathUri): PathUri | undefined {
  if (removableSegments(uri).length === 0) return undefined;
  const { host, segments } = partsOf(uri);
  const end = segments.findLastIndex((segment) => segment !== "");
  const kept = segments.slice(0, end);
  while (kept.at(-1) === "") kept.pop();
  const isAnchorOnly = host === "" && kept.length === anchorDepth(conventionOf(uri) ?? "posix");
  return uriOfParts({ host, segments: isAnchorOnly ? [...kept, ""] : kept });
}

/** The URI itself, then each parent up to its root, drive or share. */
export function ancestors(uri: PathUri): PathUri[] {
  const chain: PathUri[] = [];
  for (let current: PathUri | undefined = uri; current !== undefined; current = parent(current)) chain.push(current);
  return chain;
}

/**
 * How many names the path has; a drive and a share count as one each.
 *
 * @returns `undefined` for an opaque URI and where a segment decodes to something with a separator.
 */
export function lexicalDepth(uri: PathUri): number | undefined {
  return comparableSegments(uri)?.length;
}

/**
 * The decoded names of a path as byte strings, lower case on Windows, ready to compare.
 *
 * @returns `undefined` when the names cannot be trusted to be names: opaque, or a separator inside one.
 */
export function comparableSegments(uri: PathUri): string[] | undefined {
  const names = decodedSegments(uri);
  return conventionOf(uri) === "windows" ? names?.map(asciiLowerCase) : names;
}

/** As {@link comparableSegments}, in the spelling of the URI. */
export function decodedSegments(uri: PathUri): string[] | undefined {
  if (isOpaque(uri)) return undefined;
  const separator = separatorOf(conventionOf(uri));
  const names = namedSegments(uri).map(percentDecode);
  return names.some((name) => separator.test(name)) ? undefined : names;
}

export function asciiLowerCase(text: string): string {
  return text.replace(/[A-Z]+/g, (run) => run.toLowerCase());
}

/** Could this be one name in a folder? */
function isName(name: string, convention: PathConvention | undefined): boolean {
  if (name === "." || name === ".." || name.includes("\0")) return false;
  return !separatorOf(convention).test(name);
}

function separatorOf(convention: PathConvention | undefined): RegExp {
  return convention === "windows" ? /[\\/]/ : /\//;
}

function removableSegments(uri: PathUri): string[] {
  return isOpaque(uri) ? [] : namedSegments(uri).slice(anchorDepth(conventionOf(uri) ?? "posix"));
}
