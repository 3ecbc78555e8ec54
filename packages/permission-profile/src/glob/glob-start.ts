import { conventionOf, displayPath, type PathConvention, type PathUri, pathUriFromNative } from "@holdfast/path-uri";

/** What a pattern starts with that is meant below each workspace root. */
export const WORKSPACE_GLOB_PREFIX = "codex-project-roots://";

/** Where a pattern starts, and what is left of it there. */
export interface GlobStart {
  readonly folder: PathUri;
  readonly rest: string;
}

/** Is this pattern meant below the policy's directory or its workspace roots? */
export function isRelativeGlob(pattern: string, convention: PathConvention): boolean {
  return isHomeGlob(pattern, convention) ? false : absoluteStart(pattern, convention) === undefined;
}

/** The start of a pattern that names a folder of the machine itself. */
export function absoluteStart(pattern: string, convention: PathConvention): GlobStart | undefined {
  if (convention === "posix") {
    return pattern.startsWith("/") ? { folder: pathUriFromNative("/", "posix"), rest: pattern } : undefined;
  }
  const [, drive, driveRest = ""] = /^([A-Za-z]:)[\\/](.*)$/s.exec(pattern) ?? [];
  if (drive !== undefined) return { folder: pathUriFromNative(`${drive}\\`, "windows"), rest: driveRest };
  const [, host, share, shareRest = ""] = /^[\\/]{2}([^\\/?*[]+)[\\/]([^\\/?*[]+)(.*)$/s.exec(pattern) ?? [];
  if (host === undefined || share === undefined || !/^(?:$|[\\/])/.test(shareRest)) return undefined;
  return { folder: pathUriFromNative(`\\\\${host}\\${share}`, "windows"), rest: shareRest };
}

/** Does the pattern start at the home of the user who enforces it? */
export function isHomeGlob(pattern: string, convention: PathConvention): boolean {
  return convention === "windows" ? /^~(?:[\\/]|$)/.test(pattern) : /^~(?:\/|$)/.test(pattern);
}

/** A place as a pattern, with a separator at the end: the start of patterns for what is below it. */
export function globOf(folder: PathUri): string {
  const text = displayPath(folder);
  const isWindows = conventionOf(folder) === "windows";
  const escaped = isWindows ? text.replace(/[[{}]/g, "[$&]") : text.replace(/[\\*?[\]{}]/g, "\\$&");
  return escaped.replace(isWindows ? /\\?$/ : /\/?$/, isWindows ? "\\" : "/");
}
