import fc from "fast-check";
import { expect, test } from "vitest";
import { complaintsOf } from "../../src/launch/complaints.ts";

async function linesOf(pieces: readonly string[]): Promise<readonly string[]> {
  const lines: string[] = [];
  for await (const line of complaintsOf(ReadableStream.from(pieces))) lines.push(line);
  return lines;
}

test("what is written to stderr is told line by line, however it comes in pieces, and a line that is too long is cut", async () => {
  const text = fc.array(fc.constantFrom("a", "\n", "\r\n", "é", "x".repeat(5_000)), { maxLength: 30 });
  await fc.assert(
    fc.asyncProperty(text, async (pieces) => {
      const whole = pieces.join("");
      const expected = whole.split("\n").map((line) => line.replace(/\r$/, "").slice(0, 8_192));
      if (whole === "" || whole.endsWith("\n")) expected.pop();
      const lines = await linesOf(pieces.filter((piece) => piece !== ""));
      expect(lines.map((line) => line.slice(0, 8_191))).toEqual(expected.map((line) => line.slice(0, 8_191)));
      expect(lines.every(({ length }) => length <= 8_192)).toBe(true);
    }),
  );
});

test("a flood without a line end takes no more than a line", async () => {
  const flood = Array.from({ length: 1_000 }, () => "x".repeat(65_536));
  expect((await linesOf(flood)).map(({ length }) => length)).toEqual([8_192]);
});
