import type { CommandSpec } from "./command-spec.ts";

/** Whether the word that follows is its value. */
function takesNext({ options }: CommandSpec, word: string): boolean {
  const name = word.slice(2);
  const spec = word.startsWith("--") && Object.hasOwn(options, name) ? options[name] : undefined;
  return spec !== undefined && spec.kind !== "switch" && spec.isValueOptional !== true;
}

/**
 * The same words, with negative numbers joined to the options whose values they are. The parser takes them for options of
 * their own; what is wrong with such a number the command can say better.
 */
export function withJoinedNumbers(spec: CommandSpec, words: readonly string[]): string[] {
  const joined: string[] = [];
  for (const word of words) {
    const last = joined.at(-1);
    if (last !== undefined && /^-\d/.test(word) && takesNext(spec, last)) joined.splice(-1, 1, `${last}=${word}`);
    else joined.push(word);
  }
  return joined;
}

/** The first word that is neither an option nor the value of one. */
export function strayCommand(spec: CommandSpec, words: readonly string[]): string | undefined {
  return words.find((word, index) => !word.startsWith("-") && !takesNext(spec, words[index - 1] ?? ""));
}
