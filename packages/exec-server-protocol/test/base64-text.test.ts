import { base64Problem, isBase64 } from "@holdfast/exec-server-protocol";
import { describe, expect, test } from "vitest";

describe("base64", () => {
  test("passes what an encoder makes, of every length", () => {
    for (let length = 0; length < 200; length += 1) {
      const bytes = Buffer.from(Array.from({ length }, (_, index) => (index * 89 + length) % 256));
      expect(isBase64(bytes.toString("base64"))).toBe(true);
    }
  });

  test("passes exactly the texts that a decoder gives back unchanged", () => {
    const characters = ["A", "Q", "R", "/", "=", "_", "é"];
    const texts = characters.flatMap((a) =>
      characters.flatMap((b) => characters.flatMap((c) => characters.map((d) => a + b + c + d))),
    );
    for (const text of texts) {
      expect(isBase64(text), text).toBe(Buffer.from(text, "base64").toString("base64") === text);
      expect(isBase64(`QUJD${text}`), text).toBe(isBase64(text));
    }
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
    expect(isBase64(text)).toBe(false);
    expect(base64Problem(text)).toBe(problem);
  });
});
