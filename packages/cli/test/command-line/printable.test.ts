import { describe, expect, test } from "vitest";
import { reasonOf } from "../../src/command-line/failure.ts";
import {
  onOneLine,
  PRINTABLE_MAX_LENGTH,
  printable,
  printableJson,
  printableLines,
} from "../../src/command-line/printable.ts";

/** Everything of Unicode that steers, hides or turns. */
const STEERING = [
  ...Array.from({ length: 0x20 }, (_, code) => code),
  ...Array.from({ length: 0x21 }, (_, code) => 0x7f + code),
  ...[0x61c, 0x200e, 0x200f, 0x2028, 0x2029, 0x202a, 0x202b, 0x202c, 0x202d, 0x202e],
  ...[0x2066, 0x2067, 0x2068, 0x2069, 0xfeff, 0xe0001, 0xe0041, 0xe007f],
].map((code) => String.fromCodePoint(code));

describe("a text from outside", () => {
  test.each(STEERING.map((character) => [JSON.stringify(character), character]))(
    "can not steer a terminal with %s",
    (_, character) => {
      const shown = printable(`a${character}b`);
      expect(shown).toMatch(/^a\\(u[0-9a-f]{4}(\\u[0-9a-f]{4})?|[nrt])b$/);
      expect(JSON.parse(`"${shown}"`)).toBe(`a${character}b`);
      if (character !== "\n") expect(printableLines(character)).toBe(printable(character));
    },
  );

  test("stays as it is where it only looks unusual", () => {
    const text = "Grüße, мир, 漢字, עברית, 👩‍👩‍👧, e\u0301, C:\\u001b, ~`$(x)";
    expect([printable(text), printableLines(`${text}\n`)]).toEqual([text, `${text}\n`]);
  });

  test("is cut where nobody reads on, however long it is", () => {
    const spaces = " ".repeat(3_000_000);
    for (const text of [spaces, `${spaces}\n`, "\u001b".repeat(3_000_000)]) {
      expect(onOneLine(text).length).toBeLessThanOrEqual(PRINTABLE_MAX_LENGTH * 6);
      expect(reasonOf(new Error(text)).length).toBeLessThanOrEqual(PRINTABLE_MAX_LENGTH * 6);
    }
  });

  test("is one line as a reason, and the same value as JSON", () => {
    expect(reasonOf(new Error("one \n two\r\n\u001b[2J"))).toBe("one; two; \\u001b[2J");
    const value = { text: STEERING.join(""), list: [1, null] };
    const json = printableJson(value);
    expect(JSON.parse(json)).toEqual(value);
    expect(json).not.toMatch(/[^\P{Cc}\n]|[\u2028-\u202e\u2066-\u2069]/u);
  });
});
