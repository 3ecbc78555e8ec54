import { describe, expect, test } from "vitest";
import { UsageError } from "../../src/command-line/failure.ts";
import { splitWords } from "../../src/command-line/split-words.ts";

describe("a command line is cut into words as a shell reads them, and nothing in it is expanded", () => {
  test.each([
    ["", []],
    ["  \t\n ", []],
    ["docker exec -i box holdfast proxy", ["docker", "exec", "-i", "box", "holdfast", "proxy"]],
    [" ssh  -F\tfile ", ["ssh", "-F", "file"]],
    [`a 'b c' "d e"`, ["a", "b c", "d e"]],
    [`a''b"c"'d'`, ["abcd"]],
    [`'' ""`, ["", ""]],
    [`a\\ b \\'c`, ["a b", "'c"]],
    [`"a\\"b\\\\c\\d"`, [`a"b\\c\\d`]],
    [`'a\\'`, ["a\\"]],
    ["$HOME ~ *.c `x` ; && |", ["$HOME", "~", "*.c", "`x`", ";", "&&", "|"]],
    ["grün 'weiß'", ["grün", "weiß"]],
  ])("%j", (text, words) => {
    expect(splitWords(text, "--program")).toEqual(words);
  });

  test.each(["a 'b", 'a "b', 'a "b\\"', "a\\"])("%j has no end", (text) => {
    expect(() => splitWords(text, "--program")).toThrow(UsageError);
    expect(() => splitWords(text, "--program")).toThrow("--program has a quote or a backslash that is not closed");
  });
});
