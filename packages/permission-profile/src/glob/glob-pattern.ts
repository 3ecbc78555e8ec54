import {
  compileSegment,
  displayPath,
  GlobSyntaxError,
  isPathUriError,
  joinDescendant,
  type PathConvention,
  type PathUri,
  parent,
} from "@holdfast/path-uri";
import { namesOf, nameText } from "../paths/path-names.ts";
import { type GlobStep, matchesAtOrAbove } from "./glob-path.ts";

/** Longest pattern that is taken, in UTF-16 code units. */
export const MAX_GLOB_LENGTH = 4096;

/** Most segments that a pattern may have. */
export const MAX_GLOB_SEGMENTS = 256;

/** A name as its characters, the way that `?` counts them. */
export type NameCharacters = readonly string[];

/** Take the names of a path apart, once for many patterns. */
export function charactersOf(names: readonly string[]): readonly NameCharacters[] {
  return names.map((name) => [...nameText(name)]);
}

/** A pattern below a folder. */
export interface GlobPattern {
  /** The folder after the leading segments without wildcards. */
  readonly base: PathUri;
  /** Absolute native text. */
  readonly text: string;
  /** Does it match the path with these names, which lies at or below the base, or a folder above it? */
  matches(names: readonly NameCharacters[]): boolean;
}

/**
 * Compile the text of a pattern below a folder. Leading segments without wildcards move the base; `.` and `..` are resolved in
 * them. `**` is any number of names, but at least one at the end.
 *
 * @throws GlobSyntaxError
 */
export function compileGlob(folder: PathUri, pattern: string, convention: PathConvention): GlobPattern {
  const segments = segmentsOf(pattern, convention);
  const firstWild = segments.findIndex((segment) => compileSegment(segment, convention).literal === undefined);
  const literals = firstWild < 0 ? segments : segments.slice(0, firstWild);
  const wild = firstWild < 0 ? [] : segments.slice(firstWild);
  const base = literals.reduce<PathUri>((at, segment) => descend(at, segment, convention), folder);
  const baseDepth = namesOf(base)?.length;
  if (baseDepth === undefined) throw new GlobSyntaxError("its folder is no ordinary path");
  const steps = stepsOf(wild, convention);
  return {
    base,
    text: textOf(base, wild, convention),
    matches: (names) => matchesAtOrAbove(steps, names.slice(baseDepth)),
  };
}

function segmentsOf(pattern: string, convention: PathConvention): string[] {
  if (pattern.length > MAX_GLOB_LENGTH) throw new GlobSyntaxError(`it is longer than ${MAX_GLOB_LENGTH} characters`);
  if (pattern.includes("\0")) throw new GlobSyntaxError("it has a NUL");
  const segments = pattern
    .split(convention === "windows" ? /[\\/]/ : "/")
    .filter((segment) => segment !== "" && segment !== ".");
  if (segments.length > MAX_GLOB_SEGMENTS) throw new GlobSyntaxError(`it has more than ${MAX_GLOB_SEGMENTS} segments`);
  return segments;
}

function descend(base: PathUri, segment: string, convention: PathConvention): PathUri {
  if (segment === "..") return parent(base) ?? base;
  const name = compileSegment(segment, convention).literal ?? segment;
  try {
    return joinDescendant(base, name);
  } catch (error) {
    if (isPathUriError(error)) throw new GlobSyntaxError(`\`${segment}\` is no name`, { cause: error });
    throw error;
  }
}

function stepsOf(segments: readonly string[], convention: PathConvention): GlobStep[] {
  const steps: GlobStep[] = [];
  for (const [index, segment] of segments.entries()) {
    if (segment === "..") throw new GlobSyntaxError("`..` follows a wildcard");
    const isLast = index === segments.length - 1;
    if (segment !== "**") steps.push(compileSegment(segment, convention).matches);
    else if (isLast) steps.push(() => true);
    else if (steps.at(-1) !== "any-names") steps.push("any-names");
  }
  return steps;
}

function textOf(base: PathUri, segments: readonly string[], convention: PathConvention): string {
  const folder = displayPath(base);
  if (segments.length === 0) return folder;
  const separator = convention === "windows" ? "\\" : "/";
  return [folder.replace(/[\\/]+$/, ""), ...segments].join(separator);
}
