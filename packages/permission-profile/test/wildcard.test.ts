import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { matchesWildcard } from "../src/glob/wildcard.ts";

describe("matchesWildcard", () => {
  test("wildcards mean what a regular expression of them means", () => {
    const letters = fc.string({ unit: fc.constantFrom("a", "b", ".", "*", "?"), maxLength: 8 });
    const texts = fc.string({ unit: fc.constantFrom("a", "b", "."), maxLength: 10 });
    fc.assert(
      fc.property(letters, texts, (pattern, text) => {
        const expression = pattern.replace(/\./g, "\\.").replace(/\*/g, ".*").replace(/\?/g, ".");
        expect(matchesWildcard(pattern, text)).toBe(new RegExp(`^${expression}$`).test(text));
        expect(matchesWildcard([...pattern], [...text])).toBe(matchesWildcard(pattern, text));
      }),
      { numRuns: 2_000 },
    );
  });

  test("the most wicked pattern takes no more steps than its length times that of the text", () => {
    const steps = { left: 500 * 249 };
    expect(matchesWildcard("*a".repeat(250), "a".repeat(249), steps)).toBe(false);
    expect(steps.left).toBeGreaterThanOrEqual(0);
  });

  test("steps are counted over several texts, and used up they are below zero", () => {
    const steps = { left: 10 };
    expect(matchesWildcard("a*", "abcdef", steps)).toBe(true);
    expect(matchesWildcard("a*", "abcdef", steps)).toBe(false);
    expect(steps.left).toBeLessThan(0);
  });
});
