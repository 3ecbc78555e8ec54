import { startsWith } from "./containment.ts";
import { conventionOf } from "./convention.ts";
import { absoluteTextToUri } from "./from-native.ts";
import { anchorDepth } from "./lexical.ts";
import { isDriveSegment, isOpaque, partsOf, uriOfParts } from "./parts.ts";
import type { PathUri } from "./path-uri.ts";
import { PathUriError } from "./path-uri-error.ts";
import { hasLoneSurrogate, percentDecode, percentEncodeSegment, textToByteString } from "./percent.ts";
import { posixBytesToUri } from "./posix-native.ts";
import type { PathConvention } from "./wire.ts";

/**
 * Join native text of the base's convention to a base. Meant for trusted text such as configuration: absolute text replaces
 * the base, and `..` can leave it (though never its root, drive or share). For untrusted text use {@link joinDescendant}.
 *
 * @param text - Empty leaves the base as it is. On Windows `/` and `\` are alike, `\x` starts at the drive or share, and
 * `X:rel` is taken only where X is the base's own drive. `%`, `?` and `#` are ordinary characters.
 * @throws PathUriError `join`: the text has a NUL or half a surrogate pair, another drive, or the base is opaque and the
 * text is not absolute.
 */
export function join(base: PathUri, text: string): PathUri {
  const joined = joinedOrUndefined(base, text);
  if (joined === undefined) throw new PathUriError("join", `path \`${text}\` must be relative when joining a path URI`);
  return joined;
}

function joinedOrUndefined(base: PathUri, text: string): PathUri | undefined {
  if (text === "") return base;
  const convention = conventionOf(base);
  if (convention === undefined || text.includes("\0")) return undefined;
  const replacement = absoluteTextToUri(text, convention);
  if (replacement !== undefined) return replacement;
  if (isOpaque(base) || hasLoneSurrogate(text)) return undefined;
  return convention === "posix" ? append(base, text.split("/"), "posix") : joinWindows(base, text);
}

/**
 * Join an untrusted relative path that must stay at or below the base.
 *
 * @throws PathUriError `join`: as {@link join}, and for a leading separator, on Windows a `:` anywhere, and any result that
 * is not at or below the base.
 */
export function joinDescendant(base: PathUri, text: string): PathUri {
  const isWindows = conventionOf(base) === "windows";
  const isRooted = isWindows ? /^[\\/]|:/.test(text) : text.startsWith("/");
  const joined = isRooted ? undefined : joinedOrUndefined(base, text);
  if (joined === undefined || !startsWith(joined, base)) {
    throw new PathUriError("join", `path \`${text}\` must resolve to a relative descendant when joining a path URI`);
  }
  return joined;
}

function joinWindows(base: PathUri, text: string): PathUri | undefined {
  const [, drive, driveTail = ""] = /^([A-Za-z]:)(.*)$/s.exec(text) ?? [];
  if (drive !== undefined) {
    if (!isBaseDrive(base, drive)) return undefined;
    return append(base, driveTail.split(/[\\/]/), "windows");
  }
  const names = text.split(/[\\/]/);
  if (!/^[\\/]/.test(text)) return append(base, names, "windows");
  const { host, segments } = partsOf(base);
  return append(uriOfParts({ host, segments: segments.filter(isNamed).slice(0, 1) }), names, "windows");
}

function isBaseDrive(base: PathUri, drive: string): boolean {
  const { host, segments } = partsOf(base);
  return host === "" && percentDecode(segments[0] ?? "").toUpperCase() === drive.toUpperCase();
}

function append(base: PathUri, names: readonly string[], convention: PathConvention): PathUri {
  const { host, segments } = partsOf(base);
  const joined = [...segments];
  while (joined.at(-1) === "") joined.pop();
  for (const name of names) {
    if (name === "..") popAbove(joined, anchorDepth(convention));
    else if (name !== "." && name !== "") joined.push(percentEncodeSegment(textToByteString(name)));
  }
  if (convention === "posix" && isDriveSegment(joined[0]))
    return posixBytesToUri(`/${joined.map(percentDecode).join("/")}`);
  const isBareDrive = convention === "windows" && host === "" && joined.length === 1;
  return uriOfParts({ host, segments: joined.length === 0 || isBareDrive ? [...joined, ""] : joined });
}

function popAbove(segments: string[], depth: number): void {
  if (segments.filter(isNamed).length > depth) segments.pop();
  while (segments.at(-1) === "") segments.pop();
}

function isNamed(segment: string): boolean {
  return segment !== "";
}
