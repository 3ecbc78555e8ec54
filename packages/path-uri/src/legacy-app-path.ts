import { conventionOf } from "./convention.ts";
import { notAbsolute, pathUriFromNative, SYNTAX_NAMES } from "./from-native.ts";
import { isDriveSegment, isOpaque, partsOf } from "./parts.ts";
import type { PathUri } from "./path-uri.ts";
import { isPathUriError, PathUriError } from "./path-uri-error.ts";
import { byteStringToLossyText, bytesToByteString, percentDecode } from "./percent.ts";
import { uriToPosixBytes } from "./posix-native.ts";
import { displayPath } from "./to-native.ts";
import { uriToWindowsText } from "./windows-native.ts";
import type { LegacyAppPathString, PathConvention } from "./wire.ts";

/** The string for the bytes of a native POSIX path; what is not UTF-8 becomes U+FFFD. */
export function legacyAppPathFromNativeBytes(bytes: Uint8Array): LegacyAppPathString {
  return byteStringToLossyText(bytesToByteString(bytes));
}

/**
 * Write a URI in the path syntax of a convention. Names are decoded once; what is not UTF-8 becomes U+FFFD, so only UTF-8
 * names come back the same.
 *
 * @throws PathUriError `render`: POSIX syntax has no hosts, Windows syntax needs a drive or a host with a share, and an
 * opaque URI must hold a path of that convention.
 */
export function legacyAppPathFromUri(uri: PathUri, convention: PathConvention): LegacyAppPathString {
  if (isOpaque(uri)) return recoverOpaque(uri, convention);
  const { host, segments } = partsOf(uri);
  const names = segments
    .filter((segment, index) => segment !== "" || index === segments.length - 1)
    .map((segment) => byteStringToLossyText(percentDecode(segment)));
  if (convention === "posix" && host === "") return `/${names.join("/")}`;
  if (convention === "windows" && host !== "" && names[0] !== "") return `\\\\${host}\\${names.join("\\")}`;
  if (convention === "windows" && host === "" && isDriveSegment(segments[0])) {
    return names.length === 1 ? `${names[0]}\\` : names.join("\\");
  }
  throw new PathUriError(
    "render",
    `path URI \`${uri}\` cannot be rendered using ${SYNTAX_NAMES[convention]} path syntax`,
  );
}

/** Whose syntax a string has: a drive with a separator or a leading `\\` is Windows, a leading `/` POSIX. */
export function legacyAppPathConvention(text: LegacyAppPathString): PathConvention | undefined {
  if (/^(?:[A-Za-z]:[\\/]|\\\\)/.test(text)) return "windows";
  return text.startsWith("/") ? "posix" : undefined;
}

/**
 * Read a string as a path of a convention, by default of the one that its text implies.
 *
 * @throws PathUriError `not-absolute`.
 */
export function legacyAppPathToUri(text: LegacyAppPathString, convention?: PathConvention): PathUri {
  const effective = convention ?? legacyAppPathConvention(text);
  if (effective === undefined) throw notAbsolute(text);
  return pathUriFromNative(text, effective);
}

/** The string for people to read: normalized when it is an absolute path, else as it came. */
export function renderLegacyAppPath(text: LegacyAppPathString): string {
  try {
    return displayPath(legacyAppPathToUri(text));
  } catch (error) {
    if (isPathUriError(error)) return text;
    throw error;
  }
}

function recoverOpaque(uri: PathUri, convention: PathConvention): LegacyAppPathString {
  const native = conventionOf(uri) !== convention ? undefined : nativeText(uri, convention);
  if (native !== undefined) return native;
  throw new PathUriError("render", `opaque fallback path URI \`${uri}\` cannot be recovered as a native path`);
}

function nativeText(uri: PathUri, convention: PathConvention): string | undefined {
  if (convention === "windows") return uriToWindowsText(uri);
  const path = uriToPosixBytes(uri);
  return path === undefined ? undefined : byteStringToLossyText(path);
}
