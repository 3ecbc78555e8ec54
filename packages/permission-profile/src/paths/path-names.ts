import {
  conventionOf,
  isPathUriError,
  type PathConvention,
  type PathUri,
  pathUriFromNative,
  pathUriFromNativeBytes,
  toNativeBytes,
  toNativePath,
} from "@holdfast/path-uri";

const ESCAPE = /%([0-9A-Fa-f]{2})/g;
const HOST_START = "file://".length;
/** No other canonical URI has an encoded NUL. */
const OPAQUE_START = "file:///%00/";
const strictUtf8 = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });

/**
 * The names of a path from the outside in, ready to be compared one by one: decoded to one character per byte, and without
 * ASCII case on Windows, where the host of a share comes first. Two paths have equal names exactly if each contains the other.
 *
 * @returns `undefined` where the names can not be told apart: opaque, or with a separator inside one.
 */
export function namesOf(uri: PathUri): readonly string[] | undefined {
  if (uri.startsWith(OPAQUE_START)) return undefined;
  const isWindows = conventionOf(uri) === "windows";
  const pathStart = uri.indexOf("/", HOST_START);
  const segments = uri.slice(pathStart + 1).split("/");
  const names = segments.filter((segment) => segment !== "").map(decode);
  if (names.some((name) => name.includes("/") || (isWindows && name.includes("\\")))) return undefined;
  return isWindows ? [uri.slice(HOST_START, pathStart), ...names].map(foldCase) : names;
}

/** A name as text, where its bytes spell any in UTF-8; otherwise one character per byte. */
export function nameText(name: string): string {
  if (!/[\u0080-\u00ff]/.test(name)) return name;
  try {
    return strictUtf8.decode(Uint8Array.from(name, (char) => char.charCodeAt(0)));
  } catch {
    return name;
  }
}

function foldCase(name: string): string {
  return name.replace(/[A-Z]+/g, (run) => run.toLowerCase());
}

function decode(segment: string): string {
  if (!segment.includes("%")) return segment;
  return segment.replace(ESCAPE, (_, hex: string) => String.fromCharCode(Number.parseInt(hex, 16)));
}

/** The URI of the native path that this one stands for: one spelling per path. As it is where there is none. */
export function asTheSystemReads(path: PathUri): PathUri {
  try {
    return conventionOf(path) === "windows"
      ? pathUriFromNative(toNativePath(path, "windows"), "windows")
      : pathUriFromNativeBytes(toNativeBytes(path));
  } catch (error) {
    if (isPathUriError(error)) return path;
    throw error;
  }
}

/** Could this subpath lead out of the root that it is meant for, or be read as another path than the one it spells? */
export function leavesRoot(subpath: string, convention: PathConvention): boolean {
  const isWindows = convention === "windows";
  if (subpath.includes("\0") || /\p{Surrogate}/u.test(subpath)) return true;
  if (isWindows ? /^[\\/]|:/.test(subpath) : subpath.startsWith("/")) return true;
  return subpath.split(isWindows ? /[\\/]/ : "/").some((name) => name === "." || name === "..");
}

/** Could this subpath lead out of its root on some machine? */
export function leavesRootSomewhere(subpath: string): boolean {
  return leavesRoot(subpath, "posix") || leavesRoot(subpath, "windows");
}
