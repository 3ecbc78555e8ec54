import { checkLength } from "./length.ts";
import { resolveDots, resolveDotsKeepingTail } from "./normalize.ts";
import { opaquePayload, opaqueUri } from "./opaque.ts";
import { isDriveSegment, isOpaque, namedSegments, uriOfParts } from "./parts.ts";
import { brandPathUri, type PathUri } from "./path-uri.ts";
import { PathUriError } from "./path-uri-error.ts";
import { percentDecode, percentEncodeSegment } from "./percent.ts";

const AUTHORITY_END = "file://".length;
/** A path that its URI holds unchanged: nothing to encode or resolve, no drive in the first place. */
const SPELLED_AS_IT_IS = /^(?!\/[A-Za-z]:(?:\/|$))(?:\/(?!\.{1,2}(?:\/|$))[A-Za-z0-9!$&'()*+,;=@:[\]^|~._-]+)+$/;
/** A URI that holds its path unchanged: nothing to decode or resolve. */
const MEANT_AS_SPELLED = /^file:\/\/(?:\/(?!\.{1,2}(?:\/|$))[^%/]+)+$/;

/**
 * Spell an absolute POSIX path, given as a byte string, as a URI. A NUL, or a first name that would read as a drive,
 * leaves only the opaque form.
 *
 * @throws PathUriError `length`
 */
export function posixBytesToUri(path: string): PathUri {
  checkLength(path);
  if (SPELLED_AS_IT_IS.test(path)) return brandPathUri(`file://${path}`);
  const names = path.split("/");
  const segments = resolveDotsKeepingTail(names).map(percentEncodeSegment);
  const isSpellable = !path.includes("\0") && !isDriveSegment(segments[0]);
  return isSpellable ? uriOfParts({ host: "", segments }) : opaqueUri(absolute(resolveDots(names)));
}

/**
 * The POSIX path behind a URI of the POSIX convention, as a byte string: decoded once, then dots and repeated slashes
 * resolved, because an encoded slash becomes a separator here.
 *
 * @returns `undefined` for an opaque payload that has an ordinary spelling, which could hide a path from checks.
 */
export function uriToPosixBytes(uri: PathUri): string | undefined {
  if (MEANT_AS_SPELLED.test(uri)) return uri.slice(AUTHORITY_END);
  if (!isOpaque(uri)) return absolute(resolveDots(namedSegments(uri).map(percentDecode).join("/").split("/")));
  const payload = opaquePayload(uri);
  return payload?.startsWith("/") && posixBytesToUri(payload) === uri ? payload : undefined;
}

/**
 * The URI of one name in a directory: what is walked name by name need not be spelled from the root every time.
 *
 * @param directory - A URI of the POSIX convention, made from native bytes.
 * @param name - One character per byte (`latin1`); no slash, no NUL, not empty, `.` or `..`.
 * @throws PathUriError `not-native` - an opaque directory that names no POSIX path.
 */
export function childOfPosixDirectory(directory: PathUri, name: string): PathUri {
  if (!directory.endsWith("/") && !isOpaque(directory)) {
    return brandPathUri(`${directory}/${percentEncodeSegment(name)}`);
  }
  // The first name of all may look like a drive, which only the whole path can tell.
  const path = uriToPosixBytes(directory);
  if (path === undefined) throw new PathUriError("not-native", `'${directory}' names no POSIX directory`);
  return posixBytesToUri(`${path}/${name}`);
}

function absolute(names: readonly string[]): string {
  return `/${names.join("/")}`;
}
