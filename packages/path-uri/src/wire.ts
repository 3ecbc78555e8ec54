/**
 * An absolute path as canonical `file:` URL text: no credentials, port, query or fragment.
 *
 * @format path-uri
 * @pattern ^[fF][iI][lL][eE]:
 */
export type PathUriText = string;

/** Whose rules a path follows: `/` rooted bytes, or drives and shares. */
export type PathConvention = "posix" | "windows";

/**
 * A path as one operating system writes it, for showing to people or passing to that system's own tools.
 */
export interface NativePathString {
  /** Absolute path in the syntax of `convention`. */
  path: string;
  /** Whose syntax `path` uses. */
  convention: PathConvention;
}

/**
 * A path as the older application API carries it: any text, not checked when read.
 */
export type LegacyAppPathString = string;
