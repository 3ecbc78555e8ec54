import { describe, expect, test } from "vitest";
import { mergeMethods } from "../../src/merge/merge-methods.ts";
import type { MethodTable } from "../../src/read/method-table.ts";
import { row } from "../support.ts";

function release(name: string, methods: MethodTable, experimental: readonly string[] = []) {
  return { release: name, methods: methods.map((each) => ({ ...each, since: name })), experimental };
}

describe("the methods of several releases", () => {
  test("say since when they are there, and until when", () => {
    const rows = mergeMethods([
      release("1", [row("stays"), row("goes")]),
      release("2", [row("comes"), row("stays"), row("passes")]),
      release("3", [row("comes"), row("stays")]),
    ]);
    expect(rows.map(({ method, since, removedIn }) => [method, since, removedIn])).toEqual([
      ["comes", "2", undefined],
      ["stays", "1", undefined],
      ["passes", "2", "3"],
      ["goes", "1", "2"],
    ]);
  });

  test("are experimental as in the newest release that has them", () => {
    const rows = mergeMethods([release("1", [row("a"), row("b")], ["a", "b"]), release("2", [row("a")])]);
    expect(rows.map(({ method, experimental }) => [method, experimental])).toEqual([
      ["a", false],
      ["b", true],
    ]);
  });

  test("need no params that one release has none of, or may do without", () => {
    const merged = mergeMethods([
      release("1", [row("a", { params: null }), row("b", { optionalParams: true }), row("c")]),
      release("2", [row("a"), row("b"), row("c")]),
    ]);
    expect(merged.map(({ params, optionalParams }) => [params, optionalParams])).toEqual([
      ["Params", true],
      ["Params", true],
      ["Params", undefined],
    ]);
  });

  test.each([
    ["kind", row("a", { kind: "notice", result: null, replay: null })],
    ["from", row("a", { from: "server" })],
    ["result", row("a", { result: "Other" })],
    ["params", row("a", { params: "Other" })],
  ])("are not told when one has another %s than before", (column, newer) => {
    expect(() => mergeMethods([release("1", [row("a")]), release("2", [newer])])).toThrow(
      `method a has another ${column} in release 1 than in 2`,
    );
  });
});
