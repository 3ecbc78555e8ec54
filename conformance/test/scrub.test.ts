import { describe, expect, test } from "vitest";
import { Scrubber } from "../src/record/scrub.ts";
import { shapeOf } from "../src/record/shape.ts";

function base64(text: string | Uint8Array): string {
  return Buffer.from(text).toString("base64");
}

describe("Scrubber", () => {
  const scrub = (value: unknown): unknown => new Scrubber([["/tmp/run-1", "/srv/repo"]]).scrub(value);

  test("replaces folders in text, in URIs and inside base64 text", () => {
    const scrubbed = scrub({ path: "file:///tmp/run-1/x", chunk: base64("in /tmp/run-1\n") });
    expect(scrubbed).toEqual({ path: "file:///srv/repo/x", chunk: base64("in /srv/repo\n") });
  });

  test("leaves base64 of bytes that are no text alone", () => {
    const chunk = base64(Uint8Array.of(0xff, 0x00, 0xfe));
    expect(scrub({ chunk })).toEqual({ chunk });
  });

  test("keeps equal ids equal, different ids different, and the version digit", () => {
    const [a, b] = ["6f0c0000-1111-7222-8333-444444444444", "6f0c0000-1111-4222-9333-444444444444"];
    const scrubbed = scrub([a, b, a]) as string[];
    expect(scrubbed[0]).toBe(scrubbed[2]);
    expect(scrubbed[0]).not.toBe(scrubbed[1]);
    expect(scrubbed[0]?.[14]).toBe("7");
    expect(scrubbed[1]?.[14]).toBe("4");
  });

  test("numbers process ids that were drawn at random and leaves chosen ones", () => {
    const scrubbed = scrub([{ processId: "48796" }, { processId: "cat" }, { processId: "48796" }]);
    expect(scrubbed).toEqual([{ processId: "50001" }, { processId: "cat" }, { processId: "50001" }]);
  });

  test("changes no other number, no boolean and no null", () => {
    const value = { id: 7, seq: 1, running: true, failure: null };
    expect(scrub(value)).toEqual(value);
  });

  test("makes times and ports neutral", () => {
    const scrubbed = scrub({ modifiedAtMs: 1795254693195, createdAtMs: 0, message: "from 127.0.0.1:51234" });
    expect(scrubbed).toEqual({ modifiedAtMs: 1_750_000_000_000, createdAtMs: 0, message: "from 127.0.0.1:40000" });
  });
});

describe("shapeOf", () => {
  test("is the same for messages that differ only in values", () => {
    expect(shapeOf({ id: 1, path: "a", list: ["x"] })).toBe(shapeOf({ list: ["y", "z"], path: "b", id: 2 }));
  });

  test.each([
    ["a member more", { a: 1 }, { a: 1, b: 1 }],
    ["null instead of text", { a: null }, { a: "x" }],
    ["an empty list", { a: [] }, { a: [1] }],
    ["another kind", { type: "path" }, { type: "special" }],
    ["another boolean", { closed: true }, { closed: false }],
  ])("tells %s apart", (_, left, right) => {
    expect(shapeOf(left)).not.toBe(shapeOf(right));
  });

  test("does not look at the names of variables", () => {
    expect(shapeOf({ env: { A: "1" } })).toBe(shapeOf({ env: { B: "1", C: "2" } }));
  });
});
