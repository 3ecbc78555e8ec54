import { type Random, seededRandom } from "../soak/random.ts";
import type { PatchCase } from "./patch-case.ts";

type Words = readonly [string, ...string[]];

const FEW: Words = ["a", "b", "c", ""];
const MANY: Words = [
  "a",
  "b",
  "c",
  "",
  " a",
  "a ",
  "x – y",
  "x - y",
  "  b",
  "\ta",
  "“q”",
  '"q"',
  "@@",
  "-",
  "+",
  "a\u00a0b",
  "a b",
  "*** End of File",
];
const ENDS: readonly [Words, ...Words[]] = [["\n"], ["\n"], ["\n"], ["\r\n"], ["\n", "\r\n"], ["\n", "\r\n", "\r"]];
const MARKERS: Words = [
  "*** End of File",
  "*** End of File",
  "*** End of File ",
  " *** End of File",
  "*** End Patch",
  "*** What",
  "***",
  "*** Environment ID: x",
  "*** Begin Patch",
];
const CONTEXTS: Words = ["@@", "@@", "@@", "@@ "];
const MOVES: Words = ["*** Move to: g", "*** Move to: h/i", ""];
const SLIPS: Words = ["\n", " ", "\u0085", "*", "\n\n", ""];

/** A file `f`, and a patch that is nearly right for it. A seed gives the same case every time. */
export function randomCase(seed: number): PatchCase {
  const random = seededRandom(seed);
  const file = randomFile(random);
  return { name: `seed ${seed}`, files: { f: file }, patch: randomPatch(random, file) };
}

function oneIn(random: Random, chances: number): boolean {
  return random.between(1, chances) === 1;
}

function randomFile(random: Random): string {
  const words = oneIn(random, 2) ? FEW : MANY;
  const ends = random.pick(ENDS);
  const lines = Array.from({ length: random.between(0, 7) }, () => random.pick(words) + random.pick(ends));
  return lines.join("") + (lines.length > 0 && oneIn(random, 4) ? random.pick(words) : "");
}

function randomPatch(random: Random, file: string): string {
  const lines = Array.from({ length: random.between(1, 2) }, () => randomHunk(random, file)).flat();
  const end = oneIn(random, 8) ? "\r\n" : "\n";
  const text = ["*** Begin Patch", ...lines, "*** End Patch"].join(end) + random.pick(["\n", "\n", ""]);
  if (oneIn(random, 12)) return `<<'EOF'\n${text}${text.endsWith("\n") ? "" : "\n"}EOF\n`;
  if (!oneIn(random, 15)) return text;
  const at = random.between(0, text.length);
  return text.slice(0, at) + random.pick(SLIPS) + text.slice(at + random.between(0, 2));
}

function randomHunk(random: Random, file: string): string[] {
  const kind = random.between(0, 11);
  if (kind === 0) {
    const lines = Array.from({ length: random.between(0, 2) }, () => `+${random.pick(MANY)}`);
    return [`*** Add File: g${random.pick(["", " "])}`, ...lines, ...(oneIn(random, 8) ? [random.pick(MANY)] : [])];
  }
  if (kind === 1) return [`${random.pick(["", " "])}*** Delete File: ${random.pick(["f", "g"])}`];
  const lines = ["*** Update File: f", ...(oneIn(random, 15) ? [random.pick(MOVES)] : [])];
  const old = file.split(/\r\n|\n|\r/) as [string, ...string[]];
  let at = 0;
  for (let chunk = 0; chunk < random.between(1, 2); chunk += 1) {
    if (chunk > 0 || !oneIn(random, 4)) {
      lines.push(
        random.pick([
          random.pick(CONTEXTS),
          random.pick(CONTEXTS),
          `@@ ${random.pick(old)}`,
          `@@ ${random.pick(MANY)}`,
        ]),
      );
    }
    at = Math.min(old.length, at + random.between(0, 2));
    for (let line = 0; line < random.between(0, 4); line += 1) {
      const how = random.between(0, 11);
      if (how < 6) {
        lines.push(`${how < 3 ? " " : "-"}${old[at] ?? ""}`);
        at += 1;
      } else if (how < 9) lines.push(`+${random.pick(MANY)}`);
      else if (how === 9) lines.push(random.pick([" ", "-"]) + random.pick(FEW));
      else if (how === 10) lines.push("");
      else if (oneIn(random, 3)) lines.push(random.pick(MANY));
    }
    if (oneIn(random, 5)) lines.push(random.pick(MARKERS));
  }
  return lines;
}
