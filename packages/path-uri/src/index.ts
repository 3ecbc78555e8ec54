export { overlaps, pathUrisEqual, relativePathFrom, startsWith } from "./containment.ts";
export { conventionOf } from "./convention.ts";
export { pathUriFromInferredNative, pathUriFromNative, pathUriFromNativeBytes } from "./from-native.ts";
export { compileSegment, type GlobSegment, GlobSyntaxError, type SegmentMatcher } from "./glob-segment.ts";
export type { HostOs } from "./host-os.ts";
export { IgnoreFilter, type IgnoreOptions } from "./ignore-filter.ts";
export { IGNORE_FILE_MAX_BYTES, IgnoreRulesError } from "./ignore-rules.ts";
export { join, joinDescendant } from "./join.ts";
export {
  legacyAppPathConvention,
  legacyAppPathFromNativeBytes,
  legacyAppPathFromUri,
  legacyAppPathToUri,
  renderLegacyAppPath,
} from "./legacy-app-path.ts";
export { PATH_URI_MAX_CHARACTERS } from "./length.ts";
export { ancestors, basename, lexicalDepth, parent } from "./lexical.ts";
export {
  type ParsePathUriOptions,
  type ParsePathUriResult,
  parsePathUri,
  readPathUri,
  tryParsePathUri,
} from "./parse.ts";
export { compilePathGlobs, type PathGlobState, type PathGlobs } from "./path-globs.ts";
export type { PathUri } from "./path-uri.ts";
export { isPathUriError, PathUriError, type PathUriErrorCode } from "./path-uri-error.ts";
export { childOfPosixDirectory } from "./posix-native.ts";
export { displayPath, type NativeTarget, toNativeBytes, toNativePath } from "./to-native.ts";
export type { LegacyAppPathString, NativePathString, PathConvention, PathUriText } from "./wire.ts";
