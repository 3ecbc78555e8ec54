const PLAIN_WORD = /^[A-Za-z0-9@%_+=:,./-]+$/;

/** A command as one line, by the quoting of POSIX shells. */
export function joinWords(words: readonly string[]): string {
  return words.map((word) => (PLAIN_WORD.test(word) ? word : `'${word.replaceAll("'", `'\\''`)}'`)).join(" ");
}

/** The words of such a line. What has an open quote is one word. */
export function splitWords(line: string): readonly string[] {
  const words: string[] = [];
  let word: string | undefined;
  for (let index = 0; index < line.length; index += 1) {
    const character = line.charAt(index);
    if (character === "'" || character === '"') {
      const end = closingQuote(line, index);
      if (end === undefined) return [line];
      const inner = line.slice(index + 1, end);
      word = (word ?? "") + (character === "'" ? inner : inner.replaceAll(/\\([$`"\\\n])/g, "$1"));
      index = end;
    } else if (character === "\\") {
      index += 1;
      word = (word ?? "") + line.charAt(index);
    } else if (/\s/.test(character)) {
      if (word !== undefined) words.push(word);
      word = undefined;
    } else {
      word = (word ?? "") + character;
    }
  }
  if (word !== undefined) words.push(word);
  return words;
}

function closingQuote(line: string, open: number): number | undefined {
  const quote = line.charAt(open);
  for (let index = open + 1; index < line.length; index += 1) {
    if (quote === '"' && line.charAt(index) === "\\") index += 1;
    else if (line.charAt(index) === quote) return index;
  }
  return undefined;
}
