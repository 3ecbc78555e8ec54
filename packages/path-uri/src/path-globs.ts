import { compileSegment, GlobSyntaxError, type SegmentMatcher } from "./glob-segment.ts";

/** Longest pattern, in UTF-16 code units. */
const MAX_PATTERN_LENGTH = 4_096;
/** Most patterns after their braces are written out. */
const MAX_PATTERNS = 1_024;
/** Most UTF-16 code units of all patterns together, after their braces are written out: each costs memory, and time for every name. */
const MAX_WRITTEN_LENGTH = 262_144;
/** Most names of one pattern. */
const MAX_SEGMENTS = 256;

/** One step of a pattern: any number of names, or one name. */
type Step = "any-names" | { readonly matches: SegmentMatcher; readonly isHiddenMeant: boolean };

/** Places in one of the patterns that the names so far lead to. */
type Places = readonly number[];

/** How far the names from the folder down have come in each pattern. */
export type PathGlobState = readonly Places[];

/**
 * Patterns for paths below a folder. What matches is found name by name, from the folder down, so that a walk of a tree looks at each
 * name once. The time for a name is at most the number of steps in all patterns times its length: no pattern explodes.
 */
export interface PathGlobs {
  /** Of the folder itself. */
  readonly start: PathGlobState;
  /** One name further. */
  advance(state: PathGlobState, name: string): PathGlobState;
  /** Whether one of the patterns matches. */
  isMatch(state: PathGlobState): boolean;
  /** Whether something below may match. */
  mayMatchBelow(state: PathGlobState): boolean;
}

/**
 * Compile patterns: `*` and `?` within a name, `[…]` and `[!…]`, `{a,b}`, and `**` for any number of names; `\` before a character that
 * stands for itself. They match whole paths below a folder: `*.ts` what lies in it, `**` and `/*.ts` together what lies anywhere.
 *
 * @param options.matchHidden - True: wildcards match names that begin with a dot as well. Default false: only a pattern that
 * itself begins with the dot does.
 * @throws GlobSyntaxError - The text goes after the name of the argument.
 */
export function compilePathGlobs(
  patterns: readonly string[],
  options: { readonly matchHidden?: boolean } = {},
): PathGlobs {
  const { matchHidden = false } = options;
  const compiled = writtenOut(patterns).map(stepsOf);
  const start = compiled.map((steps) => entered(steps, [], 0));
  return {
    start,
    advance: (state, name) => {
      if (state.every(({ length }) => length === 0)) return state;
      const characters = [...name];
      return compiled.map((steps, index) => advanced(steps, state[index] ?? [], characters, matchHidden));
    },
    isMatch: (state) => state.some((places, index) => places.includes(compiled[index]?.length ?? -1)),
    mayMatchBelow: (state) => state.some((places, index) => places.some((at) => at < (compiled[index]?.length ?? 0))),
  };
}

function advanced(steps: readonly Step[], places: Places, name: readonly string[], matchHidden: boolean): Places {
  const isHidden = name[0] === ".";
  let next: Places = [];
  for (const at of places) {
    const step = steps[at];
    if (step === undefined) continue;
    if (step === "any-names") {
      if (!isHidden || matchHidden) next = entered(steps, next, at);
    } else if ((!isHidden || matchHidden || step.isHiddenMeant) && step.matches(name)) {
      next = entered(steps, next, at + 1);
    }
  }
  return next;
}

/** A place, and those behind it that no name is needed for. */
function entered(steps: readonly Step[], places: Places, at: number): Places {
  const more = [...places];
  for (let place = at; ; place += 1) {
    if (!more.includes(place)) more.push(place);
    if (steps[place] !== "any-names") return more;
  }
}

function checked(pattern: string): string {
  if (pattern.length > MAX_PATTERN_LENGTH)
    throw new GlobSyntaxError(`it is longer than ${MAX_PATTERN_LENGTH} characters`);
  if (pattern.includes("\0")) throw new GlobSyntaxError("it has a NUL");
  if (pattern.startsWith("/")) throw new GlobSyntaxError("it must be relative to the folder that is searched");
  return pattern;
}

function stepsOf(pattern: string): Step[] {
  const segments = pattern.split("/").filter((segment) => segment !== "" && segment !== ".");
  if (segments.length === 0) throw new GlobSyntaxError("it is empty");
  if (segments.length > MAX_SEGMENTS) throw new GlobSyntaxError(`it has more than ${MAX_SEGMENTS} names`);
  const steps: Step[] = [];
  for (const [index, segment] of segments.entries()) {
    if (segment === "..") throw new GlobSyntaxError("`..` leads out of the folder that is searched");
    if (segment === "**") {
      // At the end it is what lies below, not the folder itself.
      if (index === segments.length - 1) steps.push({ matches: () => true, isHiddenMeant: false });
      if (steps.at(-1) !== "any-names") steps.push("any-names");
    } else {
      const { matches } = compileSegment(segment, "posix");
      steps.push({ matches, isHiddenMeant: segment.startsWith(".") || segment.startsWith("\\.") });
    }
  }
  return steps;
}

/** Counted as they are written, so that what is too much is never there. */
function writtenOut(patterns: readonly string[]): string[] {
  const written: string[] = [];
  let length = 0;
  for (const pattern of patterns) {
    for (const each of withoutBraces(checked(pattern))) {
      length += each.length;
      if (written.push(each) > MAX_PATTERNS) {
        throw new GlobSyntaxError(`there are more than ${MAX_PATTERNS} with braces written out`);
      }
      if (length > MAX_WRITTEN_LENGTH) {
        throw new GlobSyntaxError(`all have more than ${MAX_WRITTEN_LENGTH} characters with braces written out`);
      }
    }
  }
  return written;
}

/** A pattern for each choice of its braces. A brace without a comma, or without its end, stands for itself. */
function* withoutBraces(pattern: string): Generator<string> {
  const waiting = [pattern];
  for (let next = waiting.pop(); next !== undefined; next = waiting.pop()) {
    const choices = firstBraces(next);
    if (choices === undefined) yield withLiteralBraces(next);
    else waiting.push(...choices.reverse());
    // Of one pair of braces there may be thousands.
    if (waiting.length > MAX_PATTERNS) {
      throw new GlobSyntaxError(`it is more than ${MAX_PATTERNS} patterns with braces written out`);
    }
  }
}

/** The pattern with each choice of the first pair of braces that has a comma. One pass, whatever is in it. */
function firstBraces(pattern: string): string[] | undefined {
  const opened: number[][] = [];
  let first: readonly number[] = [];
  for (let at = 0; at < pattern.length; at += 1) {
    const char = pattern[at];
    if (char === "\\") at += 1;
    else if (char === "{") opened.push([at]);
    else if (char === ",") opened.at(-1)?.push(at);
    else if (char === "}") {
      const cuts = [...(opened.pop() ?? []), at];
      if (cuts.length > 2 && (first[0] ?? at) >= (cuts[0] ?? 0)) first = cuts;
    }
  }
  if (first.length === 0) return undefined;
  const [before, after] = [pattern.slice(0, first[0]), pattern.slice((first.at(-1) ?? 0) + 1)];
  return first.slice(1).map((cut, index) => `${before}${pattern.slice((first[index] ?? 0) + 1, cut)}${after}`);
}

function withLiteralBraces(pattern: string): string {
  let written = "";
  for (let at = 0; at < pattern.length; at += 1) {
    const char = pattern[at] ?? "";
    if (char === "\\") {
      written += pattern.slice(at, at + 2);
      at += 1;
    } else written += char === "{" || char === "}" ? `\\${char}` : char;
  }
  return written;
}
