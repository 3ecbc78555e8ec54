import { withoutMarks } from "./query-pattern.ts";

/** What kind of character one is: what stands at the beginning of a word counts more. */
const KIND = { white: 0, sign: 1, delimiter: 2, lower: 3, upper: 4, letter: 5, digit: 6 } as const;

const BOUNDARY = 8;
const AFTER_DELIMITER = BOUNDARY + 1;
/** A capital within a word, or the first digit of a number. */
const CAMEL = 5;

/** A path, as it is compared: its characters, and what a match counts more that begins at each. */
export interface PathCharacters {
  /** In lower case. */
  readonly lower: readonly string[];
  /** The same without marks. */
  readonly plain: readonly string[];
  readonly bonus: Uint8Array;
}

export function pathCharacters(path: string): PathCharacters {
  const characters = isAscii(path) ? path.split("") : Array.from(path);
  const bonus = new Uint8Array(characters.length);
  let before: number = KIND.delimiter;
  for (const [index, character] of characters.entries()) {
    const kind = kindOf(character);
    bonus[index] = bonusOf(before, kind);
    before = kind;
  }
  const lower = characters.map((character) => character.toLowerCase());
  return { lower, plain: isAscii(path) ? lower : lower.map(withoutMarks), bonus };
}

function bonusOf(before: number, kind: number): number {
  if (kind > KIND.delimiter) {
    if (before === KIND.white || before === KIND.sign) return BOUNDARY;
    if (before === KIND.delimiter) return AFTER_DELIMITER;
  }
  const isCamel = (before === KIND.lower && kind === KIND.upper) || (before !== KIND.digit && kind === KIND.digit);
  if (isCamel) return CAMEL;
  return kind === KIND.sign || kind === KIND.white ? BOUNDARY : 0;
}

function kindOf(character: string): number {
  if (character >= "a" && character <= "z") return KIND.lower;
  if (character >= "A" && character <= "Z") return KIND.upper;
  if (character >= "0" && character <= "9") return KIND.digit;
  if (character === "/") return KIND.delimiter;
  if (/\s/u.test(character)) return KIND.white;
  if (character < "\u0080") return KIND.sign;
  if (/\p{Ll}/u.test(character)) return KIND.lower;
  if (/\p{Lu}/u.test(character)) return KIND.upper;
  if (/\p{N}/u.test(character)) return KIND.digit;
  return /\p{L}/u.test(character) ? KIND.letter : KIND.sign;
}

function isAscii(text: string): boolean {
  return /^\p{ASCII}*$/u.test(text);
}
