import { describe, expect, test } from "vitest";
import { fillMarkers, limitTable } from "../../src/emit/docs.ts";

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
  test("are written in groups of three digits", () => {
    const meanings = new Map([
      ["A", "Small."],
      ["B", "Large."],
      ["C", "Low | high."],
    ]);
    expect(limitTable({ A: 128, B: 1048576, C: -9223372036854775808n }, meanings)).toBe(
      "| Name | Value | Bounds |\n| --- | --- | --- |\n| `A` | 128 | Small. |\n| `B` | 1,048,576 | Large. |\n| `C` | -9,223,372,036,854,775,808 | Low \\| high. |\n",
    );
  });

  test("must be numbers that say what they bound", () => {
    expect(() => limitTable({ A: 1 }, new Map([["A", ""]]))).toThrow("limit A has no comment");
    expect(() => limitTable({}, new Map([["A", "x"]]))).toThrow("limit A is no exported number");
  });
});
