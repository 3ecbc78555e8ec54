import { UsageError } from "../command-line/failure.ts";

const ESCAPES: Readonly<Record<string, string>> = { "\\": "\\\\", '"': '\\"', "%": "%%" };
// biome-ignore lint/suspicious/noControlCharactersInRegex: these are what a unit can't have.
const CONTROL = /[\u0000-\u001f\u007f]/;

/**
 * A word of a unit in quotation marks: one word whatever it has, spaces, `%` and quotation marks included. `$` stays, so that the word
 * must stand where nothing is put in place of variables.
 *
 * @throws UsageError for one with control characters.
 */
export function unitWord(word: string): string {
  if (CONTROL.test(word)) throw new UsageError("a service can't have control characters in its paths and options");
  return `"${word.replaceAll(/[\\"%]/g, (character) => ESCAPES[character] ?? character)}"`;
}

/**
 * The value of `ExecStart`. The colon keeps systemd from putting the values of variables into the words.
 *
 * @param words - The first is an absolute path.
 */
export function execLine(words: readonly string[]): string {
  return `:${words.map(unitWord).join(" ")}`;
}

/** A path as the value of a setting that is one path: neither quoted nor split, but `%` means something. */
export function unitPath(path: string): string {
  if (CONTROL.test(path)) throw new UsageError("a service can't have control characters in its paths and options");
  return path.replaceAll("%", "%%");
}
