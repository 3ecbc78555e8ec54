import { PathUriError } from "./path-uri-error.ts";

/**
 * Longest text of a path URI, in characters. Linux takes paths of 4,095 bytes, each at most three characters here, and Windows
 * some of 32,767 characters.
 */
export const PATH_URI_MAX_CHARACTERS = 32_768;

/** Before anything is done with it: what is longer is no path anywhere, and reading it would take its time. */
export function checkLength(text: string): void {
  if (text.length <= PATH_URI_MAX_CHARACTERS) return;
  const most = PATH_URI_MAX_CHARACTERS;
  throw new PathUriError("length", `the path has ${text.length} characters, at most ${most} are possible`);
}
