import { COMPARED_LINES_MAX } from "./limits.ts";
import { PatchError } from "./patch-error.ts";
import { trim, trimEnd } from "./white-space.ts";

/** What may stand in a file where a patch has the plain character: people and models do not tell them apart. */
const LOOKALIKES: ReadonlyMap<string, string> = new Map(
  [
    ["-", "\u2010\u2011\u2012\u2013\u2014\u2015\u2212"],
    ["'", "\u2018\u2019\u201a\u201b"],
    ['"', "\u201c\u201d\u201e\u201f"],
    [" ", "\u00a0\u2002\u2003\u2004\u2005\u2006\u2007\u2008\u2009\u200a\u202f\u205f\u3000"],
  ].flatMap(([plain = "", others = ""]) => [...others].map((other) => [other, plain] as const)),
);
const LOOKALIKE = new RegExp(`[${[...LOOKALIKES.keys()].join("")}]`, "g");

/** From the strictest to the most forgiving. */
const READINGS: readonly ((text: string) => string)[] = [
  (text) => text,
  trimEnd,
  trim,
  (text) => trim(text).replace(LOOKALIKE, (character) => LOOKALIKES.get(character) ?? character),
];

/** Counts what one patch costs. */
export interface ComparedLines {
  count: number;
}

/** Finds lines in a file. */
export class LineFinder {
  readonly #lines: readonly string[];
  readonly #compared: ComparedLines;
  /** The file by each of the readings, as far as it was read so. */
  readonly #read: (readonly string[] | undefined)[];

  constructor(lines: readonly string[], compared: ComparedLines) {
    this.#lines = lines;
    this.#read = [lines];
    this.#compared = compared;
  }

  /**
   * Where lines follow each other: the first place from `start` on, by the strictest reading that finds one.
   *
   * @param isEndOfFile - Only the end of the file counts.
   * @returns the index of the first of them.
   * @throws PatchError `too-large`: the patch costs more than any should.
   */
  find(
    wanted: readonly string[],
    { start, isEndOfFile }: { readonly start: number; readonly isEndOfFile: boolean },
  ): number | undefined {
    if (wanted.length === 0) return start;
    const last = this.#lines.length - wanted.length;
    const first = isEndOfFile ? Math.max(last, start) : start;
    if (last < 0 || first > last) return undefined;
    for (const [index, reading] of READINGS.entries()) {
      const lines = this.#read[index] ?? this.#lines.map(reading);
      this.#read[index] = lines;
      const at = this.#search(lines, wanted.map(reading), first);
      if (at !== undefined) return at;
    }
    return undefined;
  }

  /** By Knuth, Morris and Pratt: no line is looked at again, whatever repeats itself. */
  #search(lines: readonly string[], wanted: readonly string[], first: number): number | undefined {
    const borders = bordersOf(wanted);
    let matched = 0;
    for (let at = first; at < lines.length; at += 1) {
      this.#count();
      while (matched > 0 && lines[at] !== wanted[matched]) matched = borders[matched - 1] ?? 0;
      if (lines[at] === wanted[matched]) matched += 1;
      if (matched === wanted.length) return at - matched + 1;
    }
    return undefined;
  }

  #count(): void {
    this.#compared.count += 1;
    if (this.#compared.count <= COMPARED_LINES_MAX) return;
    throw new PatchError(
      "too-large",
      `Invalid patch: finding its lines takes more than ${COMPARED_LINES_MAX} comparisons; split it, or give more context`,
    );
  }
}

/** For each beginning of the lines, how many of its last lines are its first ones as well. */
function bordersOf(lines: readonly string[]): number[] {
  const borders = [0];
  let length = 0;
  for (const line of lines.slice(1)) {
    while (length > 0 && line !== lines[length]) length = borders[length - 1] ?? 0;
    if (line === lines[length]) length += 1;
    borders.push(length);
  }
  return borders;
}
