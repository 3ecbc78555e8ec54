import { conventionOfPayload, opaquePayload } from "./opaque.ts";
import { conventionOfSpelling, isOpaque } from "./parts.ts";
import type { PathUri } from "./path-uri.ts";
import type { PathConvention } from "./wire.ts";

/**
 * Whose path a URI is, from its text alone: a host or a drive makes it Windows, anything else POSIX.
 *
 * @returns `undefined` for an opaque URI whose bytes look like neither.
 */
export function conventionOf(uri: PathUri): PathConvention | undefined {
  return isOpaque(uri) ? conventionOfPayload(opaquePayload(uri) ?? "") : conventionOfSpelling(uri);
}
