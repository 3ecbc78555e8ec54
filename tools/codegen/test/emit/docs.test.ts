import { describe, expect, test } from "vitest";
import { fillMarkers, limitTable } from "../../src/emit/docs.ts";
import { limitsOf } from "../../src/read/limits.ts";

const page =
  "# Title\n\n<!-- generated: a -->\nold\n<!-- /generated -->\n\nprose\n\n<!-- generated: b -->\n<!-- /generated -->\nend\n";

describe("markers", () => {
  test("hold the tables and leave the prose alone", () => {
    const filled = fillMarkers(page, { a: "| A |\n", b: "| B |\n" });
    expect(filled).toBe(
      "# Title\n\n<!-- generated: a -->\n\n| A |\n\n<!-- /generated -->\n\nprose\n\n<!-- generated: b -->\n\n| B |\n\n<!-- /generated -->\nend\n",
    );
    expect(fillMarkers(filled, { a: "| A |\n", b: "| B |\n" })).toBe(filled);
  });

  test("must all be there, once, and closed", () => {
    expect(() => fillMarkers(page, { a: "" })).toThrow("no table for the marker b");
    expect(() => fillMarkers(page, { a: "", b: "", c: "" })).toThrow("no marker for the table c");
    expect(() => fillMarkers(page + page, { a: "", b: "" })).toThrow("no table for the marker a");
    expect(() => fillMarkers("<!-- generated: a -->\n", { a: "" })).toThrow("the marker a is not closed");
  });
});

describe("limits", () => {
  const row = { keeper: "executor", reference: 1, holdfast: 1 };

  test("are written in groups of three digits, and say whose they are", () => {
    const limits = limitsOf(
      { A: 128, B: 1048576, C: -9223372036854775808n },
      new Map([
        ["A", "Small."],
        ["B", "Large."],
        ["C", "Low | high."],
      ]),
      {
        A: { keeper: "both", reference: 128, holdfast: 128 },
        B: { keeper: "executor", reference: 8192, holdfast: 1048576 },
        C: { keeper: "client", reference: -9223372036854775808n, holdfast: null },
      },
    );
    expect(limitTable(limits)).toBe(
      "| Name | Reference | Holdfast | Kept by | Bounds |\n| --- | --- | --- | --- | --- |\n| `A` | 128 | 128 | both | Small. |\n| `B` | 8,192 | 1,048,576 | executor | Large. |\n| `C` | -9,223,372,036,854,775,808 | – | client | Low \\| high. |\n",
    );
  });

  test("must be numbers that say what they bound, and belong to somebody", () => {
    expect(() => limitsOf({ A: 1 }, new Map([["A", ""]]), { A: row })).toThrow("limit A has no comment");
    expect(() => limitsOf({}, new Map([["A", "x"]]), { A: row })).toThrow("limit A is no exported number");
    expect(() => limitsOf({ A: 1 }, new Map([["A", "x"]]), {})).toThrow("limit A belongs to nobody");
  });
});
