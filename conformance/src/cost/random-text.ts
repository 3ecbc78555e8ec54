import type { Random } from "../soak/random.ts";

const [TINY, NAME, LINE] = [8, 64, 4_096] as const;

/** What texts are made of: plain letters, and what makes readers go back, grow, escape or split. */
const UNITS = [
  ...'a/.*?:%\\"\n [{}]=;,~',
  ...[
    "a/",
    "../",
    "./",
    "//",
    "*a",
    "**/",
    "[a-z]",
    "%41",
    "%2f",
    "%2e%2e/",
    "\u00e9",
    "\u{1f680}",
    "\u0130",
    "aA",
    "\t",
    "file:",
  ],
] as const;

/** Whole numbers with as many small ones as large ones, and not a few at the very end. */
export function size(random: Random, most: number): number {
  if (random.between(0, 9) === 0) return most - random.between(0, Math.floor(most / 16));
  const bits = random.between(0, Math.floor(Math.log2(most + 1)));
  return Math.min(most, random.between(0, 2 ** bits));
}

/** A text of one or two units that repeat, of any length up to the most. */
export function text(random: Random, most: number): string {
  const unit = random.pick(UNITS as unknown as [string, ...string[]]);
  const other = random.pick(["", "", "b", "/", "*", "\u00fc"]);
  const both = unit + other;
  return both.repeat(Math.floor(size(random, most) / both.length));
}

/** Mostly as somebody would name things, now and then far from it. */
export function name(random: Random): string {
  const most = random.pick([TINY, TINY, TINY, NAME, NAME, LINE]);
  return text(random, most);
}

/** Many of something, up to the most; each from a number of its own. */
export function many<T>(random: Random, most: number, one: (index: number) => T): T[] {
  return Array.from({ length: size(random, most) }, (_, index) => one(index));
}
