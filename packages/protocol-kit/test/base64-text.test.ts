import { base64Problem, decodeBase64, isBase64 } from "@holdfast/protocol-kit";
import { describe, expect, test } from "vitest";

/** Both ways to judge a text must agree. */
const judged = (text: string): boolean => {
  const verdict = isBase64(text);
  // Asked half a million times, which an assertion each would take half a minute for.
  if ((decodeBase64(text) !== undefined) !== verdict) throw new Error(`they do not agree about ${text.slice(0, 40)}`);
  return verdict;
};

describe("base64", () => {
  test("passes what an encoder makes, of every length", () => {
    for (let length = 0; length < 200; length += 1) {
      const bytes = Buffer.from(Array.from({ length }, (_, index) => (index * 89 + length) % 256));
      expect(judged(bytes.toString("base64"))).toBe(true);
    }
  });

  test("passes exactly the texts that a decoder gives back unchanged", () => {
    const characters = ["A", "Q", "R", "/", "=", "_", "é"];
    const texts = characters.flatMap((a) =>
      characters.flatMap((b) => characters.flatMap((c) => characters.map((d) => a + b + c + d))),
    );
    for (const text of texts) {
      expect(judged(text), text).toBe(Buffer.from(text, "base64").toString("base64") === text);
      expect(judged(`QUJD${text}`), text).toBe(judged(text));
    }
  });

  test("passes no character outside its alphabet, wherever it stands and however a decoder may read it", () => {
    const long = "QUJD".repeat(200);
    const wrong: number[] = [];
    for (let code = 0; code < 0x1_0000; code += 1) {
      const character = String.fromCharCode(code);
      const isSymbol = /[A-Za-z0-9+/]/.test(character);
      const texts = [`${character}AAA`, `AA${character}A`, `${long}A${character}AA${long}`];
      if (texts.some((text) => judged(text) !== isSymbol)) wrong.push(code);
      if (!isSymbol && judged(`${character}A==`)) wrong.push(code);
    }
    expect(wrong).toEqual([]);
  });

  test("gives the bytes back, and nothing for a bad text", () => {
    for (const length of [0, 1, 2, 3, 4, 5, 1_000, 1_048_576, 1_048_577]) {
      const bytes = Buffer.alloc(length, "\u0000\u00ff\u0010~", "latin1");
      const decoded = decodeBase64(bytes.toString("base64"));
      expect(decoded !== undefined && bytes.equals(decoded), `${length}`).toBe(true);
    }
    expect(decodeBase64("QUJ")).toBeUndefined();
    expect(decodeBase64(`${"QUJD".repeat(100_000)}QUJ_`)).toBeUndefined();
  });

  test.each([
    ["a", "Invalid input length: 1"],
    ["aaaaa", "Invalid input length: 5"],
    ["aGk", "Invalid padding"],
    ["!Gk=", "Invalid symbol 33, offset 0."],
    ["aG_=", "Invalid symbol 95, offset 2."],
    ["aGé=", "Invalid symbol 195, offset 2."],
    ["aaaaaaaaaaaaaaaaa!aaaaaaaaaaaaa", "Invalid symbol 33, offset 17."],
    ["aGk=aGk=", "Invalid symbol 61, offset 3."],
    ["a===", "Invalid symbol 61, offset 1."],
    ["====", "Invalid symbol 61, offset 0."],
    ["aR==", "Invalid last symbol 82, offset 1."],
    ["aGl=", "Invalid last symbol 108, offset 2."],
  ])("says of %s: %s", (text, problem) => {
    expect(judged(text)).toBe(false);
    expect(base64Problem(text)).toBe(problem);
  });
});
