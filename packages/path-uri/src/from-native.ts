import type { PathUri } from "./path-uri.ts";
import { PathUriError } from "./path-uri-error.ts";
import { bytesToByteString, hasLoneSurrogate, textToByteString } from "./percent.ts";
import { posixBytesToUri } from "./posix-native.ts";
import { isWindowsDevicePath, windowsTextToUri } from "./windows-native.ts";
import type { PathConvention } from "./wire.ts";

export const SYNTAX_NAMES = { posix: "POSIX", windows: "Windows" } as const;

/**
 * Make a URI from an absolute path in a given convention. `.` and `..` are resolved by text; a separator at the end stays.
 *
 * @param text - POSIX: starts with `/`. Windows: `X:\…`, `X:/…`, `\\host\share…`, or a device path.
 * @throws PathUriError `not-absolute` for anything else, and for POSIX text with half a surrogate pair.
 */
export function pathUriFromNative(text: string, convention: PathConvention): PathUri {
  const uri = absoluteTextToUri(text, convention);
  if (uri === undefined) throw notAbsolute(text, convention);
  return uri;
}

/** As {@link pathUriFromNative}, with `undefined` for text that is not absolute. */
export function absoluteTextToUri(text: string, convention: PathConvention): PathUri | undefined {
  return convention === "posix" ? posixTextToUri(text) : windowsTextToUri(text);
}

/**
 * Make a URI from the bytes of an absolute POSIX path. Names that are not UTF-8 survive.
 *
 * @throws PathUriError `not-absolute` unless the first byte is `/`.
 */
export function pathUriFromNativeBytes(bytes: Uint8Array): PathUri {
  const path = bytesToByteString(bytes);
  if (!path.startsWith("/")) throw notAbsolute(new TextDecoder().decode(bytes), "posix");
  return posixBytesToUri(path);
}

/**
 * Make a URI from an absolute path whose convention its text implies: a leading `/` is POSIX, a drive or `\\` Windows.
 *
 * @throws PathUriError `not-absolute` for relative text, `X:rel`, `\rooted` and paths of the device namespaces.
 */
export function pathUriFromInferredNative(text: string): PathUri {
  const uri = text.startsWith("/")
    ? posixTextToUri(text)
    : isWindowsDevicePath(text)
      ? undefined
      : windowsTextToUri(text);
  if (uri === undefined) throw notAbsolute(text);
  return uri;
}

export function notAbsolute(text: string, convention?: PathConvention): PathUriError {
  const syntax = convention === undefined ? "" : ` using ${SYNTAX_NAMES[convention]} path syntax`;
  return new PathUriError("not-absolute", `path \`${text}\` is not absolute${syntax}`);
}

function posixTextToUri(text: string): PathUri | undefined {
  const isPosixPath = text.startsWith("/") && !hasLoneSurrogate(text);
  return isPosixPath ? posixBytesToUri(textToByteString(text)) : undefined;
}
