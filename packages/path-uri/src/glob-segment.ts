import type { PathConvention } from "./wire.ts";

/** Does a name of a path, given as its characters, match one segment of a pattern? */
export type SegmentMatcher = (name: readonly string[]) => boolean;

/** One segment of a pattern, understood. */
export interface GlobSegment {
  /** The only name that it matches; `undefined` where it has a wildcard. */
  readonly literal: string | undefined;
  readonly matches: SegmentMatcher;
}

/** Why a pattern is none; the text goes after the pattern's name. */
export class GlobSyntaxError extends Error {
  override readonly name = "GlobSyntaxError";
}

type CharTest = (char: string) => boolean;
type Token = "star" | CharTest;
/**
 * Read one segment of a pattern, the text between two separators: `*`, `?`, `[…]`, and on POSIX `\` before a character that
 * stands for itself.
 *
 * @throws GlobSyntaxError
 */
export function compileSegment(segment: string, convention: PathConvention): GlobSegment {
  const chars = [...segment];
  const tokens: Token[] = [];
  let literal: string | undefined = "";
  for (let at = 0; at < chars.length; at++) {
    const char = chars[at] ?? "";
    const classEnd = char === "[" ? endOfClass(chars, at) : undefined;
    if (char === "*" || char === "?" || classEnd !== undefined) literal = undefined;
    if (char === "{" || char === "}") throw new GlobSyntaxError("braces are not supported, write one pattern each");
    if (char === "*") {
      if (tokens.at(-1) !== "star") tokens.push("star");
    } else if (char === "?") {
      tokens.push(() => true);
    } else if (classEnd !== undefined) {
      tokens.push(classTest(chars.slice(at + 1, classEnd), convention));
      at = classEnd;
    } else {
      const isEscape = char === "\\" && convention === "posix";
      if (isEscape) at++;
      const meant = isEscape ? chars[at] : char;
      if (meant === undefined) throw new GlobSyntaxError("nothing follows the last `\\`");
      tokens.push(equals(meant, convention));
      if (literal !== undefined) literal += meant;
    }
  }
  return { literal, matches: (name) => matchTokens(tokens, name) };
}

/** Greedy: when the rest fails, only the last star takes one more character. Never worse than pattern times name. */
function matchTokens(tokens: readonly Token[], name: readonly string[]): boolean {
  let token = 0;
  let at = 0;
  let afterStar: number | undefined;
  let starEnd = 0;
  while (at < name.length) {
    const expected = tokens[token];
    if (expected === "star") {
      afterStar = ++token;
      starEnd = at;
    } else if (expected?.(name[at] ?? "") === true) {
      token++;
      at++;
    } else if (afterStar === undefined) {
      return false;
    } else {
      token = afterStar;
      at = ++starEnd;
    }
  }
  return token === tokens.length || (token === tokens.length - 1 && tokens[token] === "star");
}

function endOfClass(chars: readonly string[], start: number): number | undefined {
  const first = isNegation(chars[start + 1]) ? start + 2 : start + 1;
  const end = chars.indexOf("]", first + 1);
  return end < 0 ? undefined : end;
}

function classTest(content: readonly string[], convention: PathConvention): CharTest {
  const isNegated = isNegation(content[0]);
  const body = isNegated ? content.slice(1) : content;
  if (body.join("").includes("[:")) throw new GlobSyntaxError("named character classes are not supported");
  if (body.includes("\\"))
    throw new GlobSyntaxError("a `\\` inside brackets means different things to different tools");
  const ranges: [string, string][] = [];
  for (let at = 0; at < body.length; at++) {
    const low = body[at] ?? "";
    const high = body[at + 1] === "-" ? body[at + 2] : undefined;
    if (high !== undefined && codeOf(high) < codeOf(low)) {
      throw new GlobSyntaxError(`the range \`${low}-${high}\` is upside down`);
    }
    ranges.push([low, high ?? low]);
    if (high !== undefined) at += 2;
  }
  const isInside = (char: string) => ranges.some(([low, high]) => isBetween(char, low, high));
  if (convention === "posix") return (char) => isInside(char) !== isNegated;
  return (char) => (isInside(lower(char)) || isInside(upper(char))) !== isNegated;
}

function isBetween(char: string, low: string, high: string): boolean {
  return codeOf(low) <= codeOf(char) && codeOf(char) <= codeOf(high);
}

function equals(expected: string, convention: PathConvention): CharTest {
  if (convention === "posix") return (char) => char === expected;
  return (char) => lower(char) === lower(expected);
}

function isNegation(char: string | undefined): boolean {
  return char === "!" || char === "^";
}

function codeOf(char: string): number {
  return char.codePointAt(0) ?? 0;
}

function lower(char: string): string {
  return /^[A-Z]$/.test(char) ? char.toLowerCase() : char;
}

function upper(char: string): string {
  return /^[a-z]$/.test(char) ? char.toUpperCase() : char;
}
