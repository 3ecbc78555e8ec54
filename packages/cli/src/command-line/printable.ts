/** Most characters of one text from outside that are shown: nobody reads more, and a peer may send a thousand times that. */
export const PRINTABLE_MAX_LENGTH = 4_096;

/**
 * What steers a terminal, hides, or turns the reading direction: control characters (C0, DEL, C1), direction marks and
 * isolates, line and paragraph separators, the byte order mark, and the invisible tag characters (their first half).
 */
const UNPRINTABLE = /[\p{Cc}\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069\ufeff]|[\u{e0000}-\u{e007f}]/gu;
const UNPRINTABLE_IN_LINES = new RegExp(`(?!\\n)(?:${UNPRINTABLE.source})`, "gu");
const NAMED: Readonly<Record<string, string>> = { "\n": "\\n", "\r": "\\r", "\t": "\\t" };

/**
 * A text from outside (another machine, a file, a name on disk) as it may be shown on a terminal or in a log: on one line,
 * with `\u001b` for an escape character, and cut where it is longer than anybody reads.
 *
 * What a command itself prints is another matter, and passes through as it is.
 */
export function printable(text: string): string {
  return cut(text).replaceAll(UNPRINTABLE, escaped);
}

/** As {@link printable}, for a text of several lines that is put together here. Not cut. */
export function printableLines(text: string): string {
  return text.replaceAll(UNPRINTABLE_IN_LINES, escaped);
}

/** As JSON for people and programs: the same value, with nothing in its text that steers a terminal. Ends with a newline. */
export function printableJson(value: unknown): string {
  return `${printableLines(JSON.stringify(value, null, 2))}\n`;
}

/** The lines of a text as one, joined by `; `. Cut as {@link printable} does. */
export function onOneLine(text: string): string {
  const lines = cut(text).split("\n");
  return printable(lines.length === 1 ? text : lines.map((line) => line.trim()).join("; "));
}

function cut(text: string): string {
  return text.length <= PRINTABLE_MAX_LENGTH ? text : `${text.slice(0, PRINTABLE_MAX_LENGTH - 1)}…`;
}

/** In the way of JSON, so that it may stand in one. */
function escaped(characters: string): string {
  return NAMED[characters] ?? characters.replaceAll(/./gs, escapedUnit);
}

function escapedUnit(unit: string): string {
  return `\\u${unit.charCodeAt(0).toString(16).padStart(4, "0")}`;
}
