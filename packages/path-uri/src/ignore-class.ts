/** A set of bytes between brackets, and where in the pattern it ends. */
export interface IgnoreClass {
  /** For each byte, 1 where the set has it. Never a slash. */
  readonly has: Uint8Array<ArrayBuffer>;
  /** Of the byte after the closing bracket. */
  readonly end: number;
}

const SLASH = 0x2f;
const BACKSLASH = 0x5c;
const OPENING = 0x5b;
const CLOSING = 0x5d;
const DASH = 0x2d;
const COLON = 0x3a;
const NEGATIONS = [0x21, 0x5e];

/** First and last bytes, in pairs. Of ASCII alone; a vertical tab and a form feed are no spaces: git has it so. */
const NAMED: ReadonlyMap<string, string> = new Map([
  ["alnum", "09AZaz"],
  ["alpha", "AZaz"],
  ["blank", "\t\t  "],
  ["cntrl", "\0\x1f\x7f\x7f"],
  ["digit", "09"],
  ["graph", "!~"],
  ["lower", "az"],
  ["print", " ~"],
  ["punct", "!/:@[`{~"],
  ["space", "\t\n\r\r  "],
  ["upper", "AZ"],
  ["xdigit", "09AFaf"],
]);

/**
 * Read `[…]`: single bytes, ranges, named classes such as `[:digit:]`, `\` before a byte that stands for itself, `!` or `^` in front
 * for all other bytes. A bracket that closes stands for itself where it is the first.
 *
 * @param start - Of the byte after the opening bracket.
 * @returns undefined where it does not end, or names a class that there is not: nothing matches it then.
 */
export function readIgnoreClass(pattern: Uint8Array, start: number): IgnoreClass | undefined {
  const has = new Uint8Array(256);
  const isNegated = NEGATIONS.includes(pattern[start] ?? 0);
  let at = isNegated ? start + 1 : start;
  /** What a range may begin with. */
  let low: number | undefined;
  for (let isFirst = true; ; isFirst = false) {
    const byte = pattern[at];
    if (byte === undefined) return undefined;
    if (byte === CLOSING && !isFirst) break;
    const after = pattern[at + 1];
    if (byte === DASH && low !== undefined && after !== undefined && after !== CLOSING) {
      at += after === BACKSLASH ? 2 : 1;
      const high = pattern[at];
      if (high === undefined) return undefined;
      has.fill(1, low, Math.max(low, high + 1));
      low = undefined;
    } else if (byte === OPENING && after === COLON && nameEnd(pattern, at + 2) !== "none") {
      const end = nameEnd(pattern, at + 2);
      if (typeof end !== "number" || !addNamed(has, pattern.subarray(at + 2, end - 1))) return undefined;
      at = end;
      low = undefined;
    } else {
      if (byte === BACKSLASH) at += 1;
      low = pattern[at];
      if (low === undefined) return undefined;
      has[low] = 1;
    }
    at += 1;
  }
  if (isNegated) for (const [byte, is] of has.entries()) has[byte] = 1 - is;
  has[SLASH] = 0;
  return { has, end: at + 1 };
}

/** Of the bracket that closes a class name; "none" where it is no name but for its beginning; undefined where nothing closes. */
function nameEnd(pattern: Uint8Array, start: number): number | "none" | undefined {
  const end = pattern.indexOf(CLOSING, start);
  if (end === -1) return undefined;
  return end > start && pattern[end - 1] === COLON ? end : "none";
}

function addNamed(has: Uint8Array, name: Uint8Array): boolean {
  const ranges = NAMED.get(String.fromCharCode(...name.subarray(0, 16)));
  if (ranges === undefined) return false;
  for (let at = 0; at < ranges.length; at += 2) has.fill(1, ranges.charCodeAt(at), ranges.charCodeAt(at + 1) + 1);
  return true;
}
