import {
  conventionOf,
  isPathUriError,
  type PathUri,
  pathUriFromNative,
  pathUriFromNativeBytes,
  toNativeBytes,
  toNativePath,
} from "@holdfast/path-uri";

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
