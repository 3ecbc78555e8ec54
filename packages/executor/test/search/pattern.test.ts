import { expect, test } from "vitest";
import { patienceFor, tooSlow } from "../../src/search/pattern.ts";

test("a large text has more time than a small one, and its refusal says how much", () => {
  const large = { text: " ".repeat(48 * 1_048_576) };
  expect([patienceFor({ text: "" }), patienceFor({ text: " ".repeat(4_194_304) }), patienceFor(large)]).toEqual([
    1_000, 1_000, 4_000,
  ]);
  expect(tooSlow(large).message).toContain("more than 4 s");
});
