import { IgnorePattern, type IgnorePlaces, isSpecial } from "./ignore-pattern.ts";

/** Longest ignore file, in bytes. */
export const IGNORE_FILE_MAX_BYTES = 1_048_576;
/** Longest line with a pattern, in bytes. */
export const IGNORE_LINE_MAX_BYTES = 4_096;
/** Most lines with patterns. */
export const IGNORE_PATTERNS_MAX = 16_384;
/** Most bytes of all patterns with wildcards together: each costs time for every name. `*.x` and names as they are do not count. */
export const IGNORE_WILDCARDS_MAX_BYTES = 32_768;

/** Why an ignore file can't be followed; the text goes after the name of the file. */
export class IgnoreRulesError extends Error {
  override readonly name = "IgnoreRulesError";
}

/** What a file says of a name: the last of its rules that matches. Undefined: nothing. */
export type IgnoreVerdict = "ignored" | "included" | undefined;

/** Places in the patterns that the names of folders so far lead to, by the number of the rule. */
export type IgnoreState = ReadonlyMap<number, IgnorePlaces>;

type Rule = {
  readonly isNegated: boolean;
  readonly isFolderOnly: boolean;
} & (
  | { readonly kind: "suffix"; readonly suffix: Uint8Array }
  /** For one name, wherever it is. */
  | { readonly kind: "name"; readonly pattern: IgnorePattern }
  /** For a path from the folder of the file. */
  | { readonly kind: "path"; readonly pattern: IgnorePattern }
);

/** The last rules that have one name as it is. */
interface Literal {
  /** Number of the last one for anything. */
  anything: number;
  /** Number of the last one for folders alone. */
  folder: number;
}

const NEWLINE = 0x0a;
const RETURN = 0x0d;
const SPACE = 0x20;
const HASH = 0x23;
const BANG = 0x21;
const STAR = 0x2a;
const SLASH = 0x2f;
const BACKSLASH = 0x5c;
/** What a pattern takes in memory, besides its text, and a byte of one with wildcards: a set of bytes, at worst, for each three. */
const PATTERN_MEMORY_BYTES = 400;
const WILDCARD_MEMORY_BYTES = 160;
/** Characters that are made of bytes at once: all of them are arguments. */
const KEY_PIECE_BYTES = 4_096;
const BYTE_ORDER_MARK = [0xef, 0xbb, 0xbf];
const ONE_SLASH = Uint8Array.of(SLASH);
const NONE: Literal = { anything: -1, folder: -1 };

/**
 * The rules of one ignore file, as git reads them: names are bytes, upper and lower case differ. The time for a name is at most the
 * bytes of all patterns times those of the name.
 */
export class IgnoreRules {
  /** In the folder that the file is in. */
  readonly start: IgnoreState;
  /** What they take in memory, more or less: many times their text, where patterns are short. */
  readonly memoryBytes: number;
  /** Bytes of those with wildcards. */
  readonly wildcardBytes: number;
  readonly #rules = new Map<number, Rule>();
  /** Numbers of the rules, the last first. */
  readonly #order: readonly number[];
  readonly #literals = new Map<string, Literal>();
  /** Which rules take in again, by their number. */
  readonly #negated = new Set<number>();

  private constructor(lines: readonly Uint8Array[]) {
    const start = new Map<number, IgnorePlaces>();
    let textBytes = 0;
    let wildcardBytes = 0;
    for (const [number, line] of lines.entries()) {
      textBytes += line.length;
      const rule = this.#add(number, line);
      if (rule === undefined) continue;
      if (rule.kind !== "suffix") wildcardBytes += line.length;
      if (wildcardBytes > IGNORE_WILDCARDS_MAX_BYTES) {
        throw new IgnoreRulesError(`has patterns with wildcards of more than ${IGNORE_WILDCARDS_MAX_BYTES} bytes`);
      }
      if (rule.kind === "path") start.set(number, rule.pattern.start);
    }
    this.start = start;
    this.wildcardBytes = wildcardBytes;
    this.memoryBytes = textBytes + lines.length * PATTERN_MEMORY_BYTES + wildcardBytes * WILDCARD_MEMORY_BYTES;
    this.#order = [...this.#rules.keys()].reverse();
  }

  /**
   * The rules in the text of a file.
   *
   * @throws IgnoreRulesError - It is longer than {@link IGNORE_FILE_MAX_BYTES}, or has more or longer patterns than are followed.
   */
  static parse(text: Uint8Array): IgnoreRules {
    if (text.length > IGNORE_FILE_MAX_BYTES) {
      throw new IgnoreRulesError(`is longer than ${IGNORE_FILE_MAX_BYTES} bytes`);
    }
    return IgnoreRules.#ofLines(linesOf(text));
  }

  /**
   * The rules that are given as the lines of a file, each for itself: it may have a line break in it.
   *
   * @throws IgnoreRulesError
   */
  static of(lines: readonly Uint8Array[]): IgnoreRules {
    return IgnoreRules.#ofLines(lines);
  }

  static #ofLines(lines: Iterable<Uint8Array>): IgnoreRules {
    const patterns: Uint8Array[] = [];
    for (const line of lines) {
      const pattern = patternOf(line);
      if (pattern === undefined) continue;
      if (pattern.length > IGNORE_LINE_MAX_BYTES) {
        throw new IgnoreRulesError(`has a pattern of more than ${IGNORE_LINE_MAX_BYTES} bytes`);
      }
      if (patterns.push(pattern) > IGNORE_PATTERNS_MAX) {
        throw new IgnoreRulesError(`has more than ${IGNORE_PATTERNS_MAX} patterns`);
      }
    }
    return new IgnoreRules(patterns);
  }

  /** One folder further down. What is in it is what the state is for then. */
  enter(state: IgnoreState, name: Uint8Array): IgnoreState {
    if (state.size === 0) return state;
    const next = new Map<number, IgnorePlaces>();
    for (const [number, places] of state) {
      const rule = this.#rules.get(number);
      if (rule?.kind !== "path") continue;
      const inside = rule.pattern.advance(rule.pattern.advance(places, name), ONE_SLASH);
      if (inside.length > 0) next.set(number, inside);
    }
    return next;
  }

  /** @param state - Of the folder that the name is in. */
  verdict(state: IgnoreState, name: Uint8Array, isFolder: boolean): IgnoreVerdict {
    const literal = this.#literals.get(keyOf(name)) ?? NONE;
    let last = isFolder ? Math.max(literal.anything, literal.folder) : literal.anything;
    for (const number of this.#order) {
      if (number <= last) break;
      const rule = this.#rules.get(number);
      if (rule === undefined || (rule.isFolderOnly && !isFolder)) continue;
      if (isMatch(rule, number, state, name)) {
        last = number;
        break;
      }
    }
    if (last === -1) return undefined;
    return this.#negated.has(last) ? "included" : "ignored";
  }

  /** @returns what has to be looked at for each name. */
  #add(number: number, line: Uint8Array): Rule | undefined {
    const isNegated = line[0] === BANG;
    const isFolderOnly = line.length > (isNegated ? 1 : 0) && line.at(-1) === SLASH;
    const body = line.subarray(isNegated ? 1 : 0, isFolderOnly ? -1 : undefined);
    if (isNegated) this.#negated.add(number);
    const wildcard = body.findIndex(isSpecial);
    const common = { isNegated, isFolderOnly };
    let rule: Rule;
    if (body.includes(SLASH)) {
      const pattern = IgnorePattern.compile(body[0] === SLASH ? body.subarray(1) : body);
      if (pattern === undefined) return undefined;
      rule = { ...common, kind: "path", pattern };
    } else if (wildcard === -1) {
      const key = keyOf(body);
      const literal = this.#literals.get(key) ?? { ...NONE };
      literal[isFolderOnly ? "folder" : "anything"] = number;
      this.#literals.set(key, literal);
      return undefined;
    } else if (body[0] === STAR && !body.subarray(1).some(isSpecial)) {
      rule = { ...common, kind: "suffix", suffix: body.slice(1) };
    } else {
      const pattern = IgnorePattern.compile(body);
      if (pattern === undefined) return undefined;
      rule = { ...common, kind: "name", pattern };
    }
    this.#rules.set(number, rule);
    return rule;
  }
}

function isMatch(rule: Rule, number: number, state: IgnoreState, name: Uint8Array): boolean {
  if (rule.kind === "suffix") return endsWith(name, rule.suffix);
  if (rule.kind === "name") return rule.pattern.matches(name);
  const places = state.get(number);
  return places !== undefined && rule.pattern.matches(name, places);
}

function endsWith(name: Uint8Array, suffix: Uint8Array): boolean {
  const start = name.length - suffix.length;
  return start >= 0 && suffix.every((byte, index) => name[start + index] === byte);
}

function* linesOf(text: Uint8Array): Generator<Uint8Array> {
  let at = BYTE_ORDER_MARK.every((byte, index) => text[index] === byte) ? BYTE_ORDER_MARK.length : 0;
  while (at < text.length) {
    const newline = text.indexOf(NEWLINE, at);
    const end = newline === -1 ? text.length : newline;
    const isReturned = end > at && text[end - 1] === RETURN;
    yield text.subarray(at, isReturned ? end - 1 : end);
    at = end + 1;
  }
}

/** Undefined for a line that is no pattern. */
function patternOf(line: Uint8Array): Uint8Array | undefined {
  if (line[0] === HASH) return undefined;
  const nul = line.indexOf(0);
  const pattern = withoutTrailingSpaces(nul === -1 ? line : line.subarray(0, nul));
  return pattern.length === 0 ? undefined : pattern;
}

/** A space after a `\` is meant. */
function withoutTrailingSpaces(line: Uint8Array): Uint8Array {
  let end = line.length;
  while (end > 0 && line[end - 1] === SPACE) end -= 1;
  if (end === line.length) return line;
  let escapes = 0;
  while (escapes < end && line[end - 1 - escapes] === BACKSLASH) escapes += 1;
  return line.subarray(0, escapes % 2 === 1 ? end + 1 : end);
}

/** Each byte one character. */
function keyOf(name: Uint8Array): string {
  let key = "";
  for (let at = 0; at < name.length; at += KEY_PIECE_BYTES) {
    key += String.fromCharCode(...name.subarray(at, at + KEY_PIECE_BYTES));
  }
  return key;
}
