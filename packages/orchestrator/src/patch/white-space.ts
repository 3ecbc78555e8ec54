/*
 * What Unicode calls white space, as the tools trim by which patches were made: with U+0085, and without U+FEFF, unlike `trim` of the language.
 */
const WHITE_SPACE = "\\t\\n\\v\\f\\r \\u0085\\u00a0\\u1680\\u2000-\\u200a\\u2028\\u2029\\u202f\\u205f\\u3000";
const ANY = new RegExp(`[${WHITE_SPACE}]`);

export function trimEnd(text: string): string {
  let end = text.length;
  while (end > 0 && ANY.test(text.charAt(end - 1))) end -= 1;
  return text.slice(0, end);
}

export function trim(text: string): string {
  const ended = trimEnd(text);
  let start = 0;
  while (start < ended.length && ANY.test(ended.charAt(start))) start += 1;
  return ended.slice(start);
}
