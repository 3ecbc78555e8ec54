import type { FileUrlParts } from "./file-url.ts";
import { OPAQUE_PREFIX } from "./opaque.ts";
import { brandPathUri, type PathUri } from "./path-uri.ts";
import type { PathConvention } from "./wire.ts";

const AUTHORITY_START = "file://".length;
const HOST_OR_DRIVE = /^file:\/\/(?:[^/]|\/+[A-Za-z](?::|%3[Aa])(?:\/|$))/;
const DRIVE_SEGMENT = /^[A-Za-z](?::|%3[Aa])$/;

/** Take canonical text apart. */
export function partsOf(uri: PathUri): FileUrlParts {
  const pathStart = uri.indexOf("/", AUTHORITY_START);
  return { host: uri.slice(AUTHORITY_START, pathStart), segments: uri.slice(pathStart + 1).split("/") };
}

/** Put parts that are already canonical together again. */
export function uriOfParts(parts: FileUrlParts): PathUri {
  return brandPathUri(`file://${parts.host}/${parts.segments.join("/")}`);
}

/** The segments that count: repeated and trailing slashes make empty ones, which name nothing. */
export function namedSegments(uri: PathUri): string[] {
  return partsOf(uri).segments.filter((segment) => segment !== "");
}

export function isOpaque(uri: string): boolean {
  return uri.startsWith(OPAQUE_PREFIX);
}

/** Is this encoded segment, when it comes first, a drive? */
export function isDriveSegment(segment: string | undefined): boolean {
  return segment !== undefined && DRIVE_SEGMENT.test(segment);
}

/** The convention of a URI that is not opaque. */
export function conventionOfSpelling(uri: PathUri): PathConvention {
  return HOST_OR_DRIVE.test(uri) ? "windows" : "posix";
}
