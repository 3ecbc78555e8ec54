import { conventionOf } from "./convention.ts";
import { conventionOfHost, type HostOs } from "./host-os.ts";
import type { PathUri } from "./path-uri.ts";
import { invalidOnHost } from "./path-uri-error.ts";
import { byteStringToBytes, byteStringToText } from "./percent.ts";
import { uriToPosixBytes } from "./posix-native.ts";
import { uriToWindowsText } from "./windows-native.ts";
import type { PathConvention } from "./wire.ts";

/** An operating system, or a convention when the exact system does not matter (`posix` reads as `linux` in error texts). */
export type NativeTarget = PathConvention | HostOs;

/**
 * The path that a URI names on an operating system. Encoded slashes become separators, dots and repeated separators are
 * resolved. A URI of another convention is never bent into a local path.
 *
 * @throws PathUriError `not-native`: the URI is of another convention, hides an ordinary path in the opaque form, or has a
 * name that is not UTF-8 (for those see `toNativeBytes`).
 */
export function toNativePath(uri: PathUri, target: NativeTarget): string {
  const hostOs = target === "posix" ? "linux" : target;
  const text = conventionOf(uri) === conventionOfHost(hostOs) ? nativeText(uri, conventionOfHost(hostOs)) : undefined;
  if (text === undefined) throw invalidOnHost("not-native", uri, hostOs);
  return text;
}

/**
 * The bytes of the path that a URI names on a POSIX system, also where a name is not UTF-8. They can hold a NUL when the URI
 * is opaque; no system call takes that.
 *
 * @param hostOs - Named in the error text. Default `linux`.
 * @throws PathUriError `not-native`, as {@link toNativePath}.
 */
export function toNativeBytes(uri: PathUri, hostOs: "linux" | "macos" = "linux"): Uint8Array<ArrayBuffer> {
  const path = conventionOf(uri) === "posix" ? uriToPosixBytes(uri) : undefined;
  if (path === undefined) throw invalidOnHost("not-native", uri, hostOs);
  return byteStringToBytes(path);
}

/** The path as its own system would write it, or the URI when that cannot be. For people only, never for the system. */
export function displayPath(uri: PathUri): string {
  const convention = conventionOf(uri);
  return (convention === undefined ? undefined : nativeText(uri, convention)) ?? uri;
}

function nativeText(uri: PathUri, convention: PathConvention): string | undefined {
  if (convention === "windows") return uriToWindowsText(uri);
  const path = uriToPosixBytes(uri);
  return path === undefined ? undefined : byteStringToText(path);
}
