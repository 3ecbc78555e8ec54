import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { joinWords, splitWords } from "../../../src/agent/rollout/command-words.ts";

describe("a command as one line", () => {
  test.each<[readonly string[], string]>([
    [["/bin/bash", "-lc", "echo a"], "/bin/bash -lc 'echo a'"],
    [["echo", "it's"], "echo 'it'\\''s'"],
    [["true", ""], "true ''"],
  ])("is %j as %s", (words, line) => {
    expect(joinWords(words)).toBe(line);
    expect(splitWords(line)).toEqual(words);
  });

  test("has the words that it was made of", () => {
    fc.assert(
      fc.property(fc.array(fc.string()), (words) => {
        expect(splitWords(joinWords(words))).toEqual(words);
      }),
    );
  });

  test("may be quoted in other ways", () => {
    expect(splitWords('sh -c "echo \\"a\\" \\$b"  c\\ d')).toEqual(["sh", "-c", 'echo "a" $b', "c d"]);
    expect(splitWords("sh -c 'open")).toEqual(["sh -c 'open"]);
  });
});
