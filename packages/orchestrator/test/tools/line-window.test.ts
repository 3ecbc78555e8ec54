import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { countLines, type LineRange, lineWindow } from "../../src/tools/files/line-window.ts";

const bytes = (text: string): Uint8Array => new TextEncoder().encode(text);
const PLENTY = 1_000_000;

async function windowOf(text: string, range: Partial<LineRange> = {}) {
  const { bytes: found, ...rest } = await lineWindow([bytes(text)], {
    offset: 1,
    limit: PLENTY,
    maxBytes: PLENTY,
    ...range,
  });
  return { text: new TextDecoder().decode(found), ...rest };
}

describe("some lines out of a text", () => {
  test("are all of it where it is short", async () => {
    expect(await windowOf("a\nb\n")).toEqual({
      text: "a\nb\n",
      lineCount: 2,
      passedLines: 0,
      isEnd: true,
      isCutInLine: false,
    });
    expect(await windowOf("")).toMatchObject({ text: "", lineCount: 0, isEnd: true });
  });

  test("end where no byte follows, also when that is exactly at the limit", async () => {
    expect(await windowOf("a\nb\n", { limit: 2 })).toMatchObject({ text: "a\nb\n", isEnd: true });
    expect(await windowOf("a\nb\nc", { limit: 2 })).toMatchObject({ text: "a\nb\n", isEnd: false });
    expect(await windowOf("a\nb", { limit: 2 })).toMatchObject({ text: "a\nb", lineCount: 2, isEnd: true });
  });

  test("behind the last one are none, and the text's lines are counted", async () => {
    expect(await windowOf("a\nb\n", { offset: 3 })).toMatchObject({ text: "", passedLines: 2 });
    expect(await windowOf("a\nb", { offset: 9 })).toMatchObject({ text: "", passedLines: 2 });
    expect(await windowOf("a\nb", { offset: 2 })).toMatchObject({ text: "b", passedLines: 1, lineCount: 1 });
  });

  test("that are too many bytes are cut behind a line", async () => {
    expect(await windowOf("aaa\nbbb\nccc\n", { maxBytes: 9 })).toMatchObject({
      text: "aaa\nbbb\n",
      lineCount: 2,
      isEnd: false,
      isCutInLine: false,
    });
    expect(await windowOf("aaa\nbbb\n", { maxBytes: 8 })).toMatchObject({ text: "aaa\nbbb\n", isEnd: true });
  });

  test("of which the first is too long end within it, between two characters", async () => {
    expect(await windowOf("ääää\nb\n", { maxBytes: 5 })).toMatchObject({ text: "ää", isEnd: false, isCutInLine: true });
  });

  test("are the same however the text is cut into blocks, and as JavaScript splits it", async () => {
    const text = fc.string({ unit: fc.constantFrom("a", "b", "\n", "ä", "\r") });
    const sizes = fc.array(fc.integer({ min: 1, max: 5 }), { minLength: 1 });
    const offsets = fc.integer({ min: 1, max: 6 });
    const limits = fc.integer({ min: 1, max: 6 });
    await fc.assert(
      fc.asyncProperty(text, sizes, offsets, limits, async (whole, cuts, offset, limit) => {
        const blocks: Uint8Array[] = [];
        for (let at = 0, index = 0; at < bytes(whole).length; index += 1) {
          const size = cuts[index % cuts.length] ?? 1;
          blocks.push(bytes(whole).subarray(at, at + size));
          at += size;
        }
        const range = { offset, limit, maxBytes: PLENTY };
        const found = await lineWindow(blocks, range);
        expect(found).toEqual(await lineWindow([bytes(whole)], range));
        const lines = whole.split(/(?<=\n)/).filter((line) => line !== "");
        expect(new TextDecoder().decode(found.bytes)).toBe(lines.slice(offset - 1, offset - 1 + limit).join(""));
        expect(found.isEnd).toBe(lines.length <= offset - 1 + limit);
        expect(found.passedLines).toBe(Math.min(lines.length, offset - 1));
        expect(countLines(bytes(whole))).toBe(lines.length);
      }),
    );
  });
});
