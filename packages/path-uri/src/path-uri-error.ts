import type { HostOs } from "./host-os.ts";

/**
 * Which rule a path broke.
 *
 * - `relative`: the text is not a URL at all (empty, relative, or a native path)
 * - `scheme`: a URL of another scheme than `file`
 * - `host`: the authority is no host name or address, or carries credentials or a port
 * - `length`: the text is longer than any path needs
 * - `query`, `fragment`: the text has a `?` or a `#`
 * - `nul`: the path decodes to something with a NUL byte
 * - `opaque`: the reserved opaque form with a malformed payload
 * - `not-native`: a valid URI that names no path on the given operating system
 * - `not-absolute`: native text that is not an absolute path of the convention
 * - `join`: text that may not be joined to the base
 * - `render`: a URI that the asked path syntax cannot express
 */
export type PathUriErrorCode =
  | "relative"
  | "scheme"
  | "host"
  | "length"
  | "query"
  | "fragment"
  | "nul"
  | "opaque"
  | "not-native"
  | "not-absolute"
  | "join"
  | "render";

const PATH_URI_ERROR = Symbol.for("holdfast.PathUriError");

/** A text that is no path URI, or a path URI that cannot be used as asked. The message is what peers expect to read. */
export class PathUriError extends Error {
  override readonly name = "PathUriError";
  readonly [PATH_URI_ERROR] = true;
  readonly code: PathUriErrorCode;

  constructor(code: PathUriErrorCode, message: string) {
    super(message);
    this.code = code;
  }
}

/** Is this value a {@link PathUriError}, from whichever copy of this package? */
export function isPathUriError(value: unknown): value is PathUriError {
  return typeof value === "object" && value !== null && PATH_URI_ERROR in value;
}

/** The refusal of a URI that has no meaning on an operating system. */
export function invalidOnHost(code: "nul" | "opaque" | "not-native", uri: string, hostOs: HostOs): PathUriError {
  return new PathUriError(code, `'${uri}' is invalid on '${hostOs}'`);
}
