import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { LineFinder } from "../../src/patch/find-lines.ts";

const small = fc.array(fc.constantFrom("a", "b", "a ", " b"), { maxLength: 12 });

function find(lines: readonly string[], wanted: readonly string[], start = 0, isEndOfFile = false): number | undefined {
  return new LineFinder(lines, { count: 0 }).find(wanted, { start, isEndOfFile });
}

describe("lines of a patch", () => {
  test("are found at the first place from the start on, by the strictest reading", () => {
    const plainly = (lines: readonly string[], wanted: readonly string[], start: number): number | undefined => {
      const readings = [(text: string) => text, (text: string) => text.trimEnd(), (text: string) => text.trim()];
      for (const reading of readings) {
        for (let at = start; at + wanted.length <= lines.length; at += 1) {
          if (wanted.every((each, index) => reading(each) === reading(lines[at + index] ?? ""))) return at;
        }
      }
      return undefined;
    };
    fc.assert(
      fc.property(small, small, fc.nat(5), (lines, wanted, start) => {
        fc.pre(wanted.length > 0);
        expect(find(lines, wanted, start)).toBe(plainly(lines, wanted, start));
      }),
      { numRuns: 3_000 },
    );
  });

  test("at the end of a file are found there alone", () => {
    expect(find(["a", "b", "a"], ["a"], 0, true)).toBe(2);
    expect(find(["a", "b"], ["a"], 0, true)).toBeUndefined();
    expect(find(["a"], ["a"], 1, true)).toBeUndefined();
  });

  test("take as long as the file, also where everything repeats itself", () => {
    const compared = { count: 0 };
    const lines = Array.from({ length: 100_000 }, () => "a");
    const wanted = [...Array.from({ length: 50_000 }, () => "a"), "b"];
    expect(new LineFinder(lines, compared).find(wanted, { start: 0, isEndOfFile: false })).toBeUndefined();
    expect(compared.count).toBe(4 * lines.length);
  });

  test("that cost more than any patch should are refused", () => {
    const compared = { count: 49_999_990 };
    const finder = new LineFinder(["a", "b", "c"], compared);
    expect(() => {
      for (;;) finder.find(["x"], { start: 0, isEndOfFile: false });
    }).toThrow(/finding its lines takes more than 50000000 comparisons/);
  });
});
