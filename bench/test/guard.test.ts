import { expect, test } from "vitest";
import { worsenings } from "../src/guard.ts";
import type { RowResult } from "../src/result.ts";

function row(median: number | undefined, more: Partial<RowResult> = {}): { readonly rows: readonly RowResult[] } {
  const figure = median === undefined ? { rounds: [], note: "refused" } : { median, rounds: [median] };
  return { rows: [{ id: "a", title: "A", unit: "ms", better: "lower", figures: { holdfast: figure }, ...more }] };
}
function limit(value: number) {
  return { limit: { what: "the machine", value } };
}

test("a row that is worse by more than the factor is told", () => {
  expect(worsenings(row(2), row(3.2), 1.5).map(({ text }) => text)).toEqual([
    "A: worse by 1.60, more than 1.5 is not let pass",
  ]);
  const more = { better: "higher", unit: "MiB/s" } as const;
  expect(worsenings(row(320, more), row(200, more), 1.5)).toHaveLength(1);
});

test("a row that is within the factor, or better, passes", () => {
  expect(worsenings(row(2), row(2.9), 1.5)).toEqual([]);
  expect(worsenings(row(2), row(0.1), 1.5)).toEqual([]);
});

test("a slower machine is no worsening where the row has a plain limit", () => {
  expect(worsenings(row(2, limit(1)), row(6, limit(3)), 1.5)).toEqual([]);
  expect(worsenings(row(2, limit(1)), row(6, limit(1)), 1.5)).toHaveLength(1);
});

test("work that is not finished any more is told whatever the factor", () => {
  const done = { better: "higher", unit: "done" } as const;
  expect(worsenings(row(500, done), row(499, done), 1.5)).toHaveLength(1);
});

test("a row without a figure any more is told with its reason; one that never had any is passed over", () => {
  expect(worsenings(row(2), row(undefined), 1.5).map(({ text }) => text)).toEqual(["A: no figure any more: refused"]);
  expect(worsenings(row(undefined), row(2), 1.5)).toEqual([]);
  expect(worsenings({ rows: [] }, row(2), 1.5)).toEqual([]);
});
