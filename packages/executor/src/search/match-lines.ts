/** One line with a match. Columns and lengths are in UTF-16 code units, columns and lines from 1 on. */
export interface LineMatch {
  readonly lineNumber: number;
  readonly column: number;
  readonly length: number;
  readonly text: string;
  readonly textColumn: number;
}

/** What to look for in a text, and how much of it. */
export interface LineSearch {
  /** A regular expression of ECMAScript. */
  readonly source: string;
  readonly flags: string;
  readonly text: string;
  /** Lines up to this one are passed by. */
  readonly afterLine: number;
  readonly maxMatches: number;
  readonly maxTextCharacters: number;
}

/**
 * Lines that match, in order. Its text becomes part of other programs: it uses nothing from outside.
 *
 * Most texts have no match at all, so that a line is cut out only where one begins.
 */
export function matchLines(search: LineSearch): LineMatch[] {
  const { text, afterLine, maxMatches, maxTextCharacters } = search;
  const expression = new RegExp(search.source, search.flags);
  const matches: LineMatch[] = [];
  let lineNumber = 0;
  for (let begin = 0; begin <= text.length && matches.length < maxMatches; ) {
    const feed = text.indexOf("\n", begin);
    const next = feed < 0 ? text.length : feed;
    // What follows the last line feed is no line.
    if (feed < 0 && begin === text.length && begin > 0) break;
    lineNumber += 1;
    const end = next > begin && text.charCodeAt(next - 1) === 13 ? next - 1 : next;
    if (lineNumber > afterLine) {
      const line = text.slice(begin, end);
      const found = expression.exec(line);
      if (found !== null) {
        const lead = Math.max(0, Math.min(found.index - (maxTextCharacters >> 2), line.length - maxTextCharacters));
        const from = line.length <= maxTextCharacters ? 0 : lead;
        // A cut may go through a pair.
        const shown = line
          .slice(from, from + maxTextCharacters)
          .replace(/^[\uDC00-\uDFFF]|[\uD800-\uDBFF]$/g, "\uFFFD");
        const at = { lineNumber, column: found.index + 1, length: found[0].length };
        matches.push({ ...at, text: shown, textColumn: from + 1 });
      }
    }
    begin = next + 1;
  }
  return matches;
}
