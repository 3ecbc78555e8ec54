import { InvalidArgumentError } from "../errors.ts";

/** What may stand in a script: one word, or a list of words. */
export type ShellValue = string | number | bigint | boolean | readonly (string | number | bigint | boolean)[];

/**
 * The words of a value.
 *
 * @throws InvalidArgumentError - `values`: it is neither text nor number, or a list of such; `undefined` is a mistake, not an empty word.
 */
export function wordsOf(value: unknown, index: number): readonly string[] {
  const where = `value ${index + 1} of the script`;
  if (Array.isArray(value)) return value.map((each) => wordOf(each, `an entry of ${where}`));
  return [wordOf(value, where)];
}

function wordOf(value: unknown, where: string): string {
  if (
    typeof value === "string" ||
    typeof value === "number" ||
    typeof value === "bigint" ||
    typeof value === "boolean"
  ) {
    return String(value);
  }
  const what = value === null ? "null" : Array.isArray(value) ? "a list in a list" : typeof value;
  throw new InvalidArgumentError("values", `${where} must be text, a number, a boolean or a list of them, not ${what}`);
}
