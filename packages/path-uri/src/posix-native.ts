import { resolveDots, resolveDotsKeepingTail } from "./normalize.ts";
import { opaquePayload, opaqueUri } from "./opaque.ts";
import { isDriveSegment, isOpaque, namedSegments, uriOfParts } from "./parts.ts";
import type { PathUri } from "./path-uri.ts";
import { percentDecode, percentEncodeSegment } from "./percent.ts";

/**
 * Spell an absolute POSIX path, given as a byte string, as a URI. A NUL, or a first name that would read as a drive,
 * leaves only the opaque form.
 */
export function posixBytesToUri(path: string): PathUri {
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
  if (!isOpaque(uri)) return absolute(resolveDots(namedSegments(uri).map(percentDecode).join("/").split("/")));
  const payload = opaquePayload(uri);
  return payload?.startsWith("/") && posixBytesToUri(payload) === uri ? payload : undefined;
}

function absolute(names: readonly string[]): string {
  return `/${names.join("/")}`;
}
