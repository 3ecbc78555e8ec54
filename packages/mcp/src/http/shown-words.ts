/** Characters of what a server says that are told. */
const WORDS_MAX = 200;

/** A text of a server on one short line, with nothing in it that steers a terminal. */
export function shownWords(text: string): string {
  const line = text
    .slice(0, 4 * WORDS_MAX)
    .replaceAll(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\s]+/gu, " ")
    .trim();
  return line.length > WORDS_MAX ? `${line.slice(0, WORDS_MAX)}…` : line;
}
