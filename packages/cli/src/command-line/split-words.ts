import { UsageError } from "./failure.ts";

/** A word, or part of one: in single quotes, in double quotes, behind a backslash, or plain. */
const PART = /'([^']*)'|"((?:[^"\\]|\\[\s\S])*)"|\\([\s\S])|([^\s'"\\]+)/y;
const BLANK = /\s+/y;

/**
 * The words of a command line as a POSIX shell reads them, but with nothing expanded: quotes and backslashes join what blanks would part.
 *
 * @throws UsageError a quote is not closed, or a backslash is the end.
 */
export function splitWords(text: string, source: string): readonly string[] {
  const words: string[] = [];
  let word: string | undefined;
  for (let at = 0; at < text.length; ) {
    BLANK.lastIndex = at;
    if (BLANK.test(text)) {
      if (word !== undefined) words.push(word);
      word = undefined;
      at = BLANK.lastIndex;
      continue;
    }
    PART.lastIndex = at;
    const part = PART.exec(text);
    if (part === null) throw new UsageError(`${source} has a quote or a backslash that is not closed: ${text}`);
    const [, single, double, escaped, plain] = part;
    word = (word ?? "") + (single ?? double?.replace(/\\(["\\$`])/g, "$1") ?? escaped ?? plain ?? "");
    at = PART.lastIndex;
  }
  return word === undefined ? words : [...words, word];
}
