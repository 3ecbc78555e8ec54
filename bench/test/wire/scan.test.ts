import { expect, test } from "vitest";
import { answerId, bytesOfMember, occurrences } from "../../src/wire/scan.ts";

function json(value: unknown) {
  return Buffer.from(JSON.stringify(value));
}

test.each([0, 1, 2, 3, 4, 8_192])("the size of %i bytes in base64 is told without decoding them", (size) => {
  const chunk = Buffer.alloc(size, 7).toString("base64");
  expect(bytesOfMember(json({ method: "process/output", params: { processId: "p1", chunk, seq: 1 } }), "chunk")).toBe(
    size,
  );
});

test("a message without the member has no size", () => {
  expect(bytesOfMember(json({ method: "process/closed", params: { processId: "p1", seq: 1 } }), "chunk")).toBe(-1);
});

test("the id of an answer is found at either end, and a notice has none", () => {
  const long = "x".repeat(1_000);
  expect(answerId(json({ id: 12, result: { long } }))).toBe(12);
  expect(answerId(json({ result: { long }, id: 34 }))).toBe(34);
  expect(answerId(json({ method: "process/exited", params: { processId: long } }))).toBe(-1);
});

test("occurrences are counted", () => {
  expect(occurrences(json([{ kind: 1 }, { kind: 2 }]), '"kind":')).toBe(2);
  expect(occurrences(json([]), '"kind":')).toBe(0);
});
