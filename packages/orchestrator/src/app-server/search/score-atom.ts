import type { PathCharacters } from "./path-characters.ts";
import type { QueryAtom } from "./query-pattern.ts";

/** Where a word was found. */
export interface AtomMatch {
  readonly score: number;
  /** Of the characters, ascending. */
  readonly indices: readonly number[];
}

/** What a character counts that is found, and what a gap takes away at its beginning and with each further character: the numbers that clients know results by. */
const MATCH = 16;
const GAP_START = 3;
const GAP_EXTENSION = 1;
/** What a character counts more at least that follows on the one before. */
const CONSECUTIVE = 4;
/** Where a query begins counts so many times. */
const FIRST = 2;
const BOUNDARY = 8;

const NOWHERE = -1_000_000_000;

/** Find a word in a path, where it counts most. Undefined: it is not there. */
export function scoreAtom(atom: QueryAtom, path: PathCharacters): AtomMatch | undefined {
  const text = atom.keepsMarks ? path.lower : path.plain;
  const { characters, kind } = atom;
  if (characters.length > text.length) return undefined;
  if (kind === "fuzzy") return fuzzy(characters, text, path.bonus);
  const last = text.length - characters.length;
  const from = kind === "postfix" ? last : 0;
  const to = kind === "prefix" ? 0 : last;
  if (kind === "exact" && last !== 0) return undefined;
  let best: AtomMatch | undefined;
  for (let start = from; start <= to; start += 1) {
    if (!characters.every((character, index) => text[start + index] === character)) continue;
    const score = runScore(start, characters.length, path.bonus);
    if (best !== undefined && best.score >= score) continue;
    best = { score, indices: Array.from({ length: characters.length }, (_, index) => start + index) };
  }
  return best;
}

/** What characters in a row count. */
function runScore(start: number, length: number, bonus: Uint8Array): number {
  let run = bonus[start] ?? 0;
  let score = MATCH + run * FIRST;
  for (let index = start + 1; index < start + length; index += 1) {
    const own = bonus[index] ?? 0;
    if (own >= BOUNDARY && own > run) run = own;
    score += MATCH + Math.max(run, own, CONSECUTIVE);
  }
  return score;
}

/**
 * The best way to find characters in this order, with gaps: for each of them a row over the path, with what counts most where it is found here (`found`), and where
 * the last one was found before (`gap`).
 */
function fuzzy(characters: readonly string[], text: readonly string[], bonus: Uint8Array): AtomMatch | undefined {
  const first = firstPlaces(characters, text);
  if (first === undefined) return undefined;
  const width = text.length;
  const found = new Int32Array(characters.length * width).fill(NOWHERE);
  const runs = new Uint8Array(characters.length * width);
  /** Whether the character before was found right before. */
  const isRow = new Uint8Array(characters.length * width);
  for (const [row, character] of characters.entries()) {
    let gap = NOWHERE;
    for (let at = row === 0 ? (first[0] ?? 0) : (first[row - 1] ?? 0) + 1; at < width; at += 1) {
      const cell = row * width + at;
      if (row > 0 && at > 1) {
        const two = found[cell - width - 2] ?? NOWHERE;
        gap = Math.max(gap - GAP_EXTENSION, two - GAP_START);
      }
      if (text[at] !== character) continue;
      const own = bonus[at] ?? 0;
      if (row === 0) {
        found[cell] = MATCH + own * FIRST;
        runs[cell] = own;
        continue;
      }
      const before = cell - width - 1;
      const run = Math.max(own >= BOUNDARY ? own : 0, runs[before] ?? 0);
      const inRow = (at === 0 ? NOWHERE : (found[before] ?? NOWHERE)) + MATCH + Math.max(run, own, CONSECUTIVE);
      const behindGap = gap + MATCH + own;
      const follows = inRow >= behindGap;
      found[cell] = follows ? inRow : behindGap;
      runs[cell] = follows ? run : own;
      isRow[cell] = follows ? 1 : 0;
    }
  }
  return traced({ found, isRow, width, rows: characters.length });
}

/** Of each character the first place where it can be. Undefined: they are not there in this order. */
function firstPlaces(characters: readonly string[], text: readonly string[]): readonly number[] | undefined {
  const places: number[] = [];
  let at = 0;
  for (const character of characters) {
    while (at < text.length && text[at] !== character) at += 1;
    if (at === text.length) return undefined;
    places.push(at);
    at += 1;
  }
  return places;
}

interface Rows {
  readonly found: Int32Array;
  readonly isRow: Uint8Array;
  readonly width: number;
  readonly rows: number;
}

/** From the best place of the last character back. */
function traced({ found, isRow, width, rows }: Rows): AtomMatch {
  const value = (row: number, at: number): number => found[row * width + at] ?? NOWHERE;
  let at = bestOf(width, (place) => value(rows - 1, place));
  const score = value(rows - 1, at);
  const indices = [at];
  for (let row = rows - 1; row > 0; row -= 1) {
    const here = at;
    at =
      isRow[row * width + here] === 1
        ? here - 1
        : bestOf(here - 1, (place) => value(row - 1, place) - GAP_START - GAP_EXTENSION * (here - place - 2));
    indices.push(at);
  }
  return { score, indices: indices.reverse() };
}

/** Which of so many counts most, the first of equals. */
function bestOf(count: number, worth: (index: number) => number): number {
  let best = 0;
  for (let index = 1; index < count; index += 1) if (worth(index) > worth(best)) best = index;
  return best;
}
