import { describe, expect, test } from "vitest";
import { declarationStyle } from "../../src/rules/declaration-style.ts";
import { folderOrder } from "../../src/rules/folder-order.ts";
import { importCycles } from "../../src/rules/import-cycles.ts";
import { timers } from "../../src/rules/timers.ts";
import { pack } from "../pack.ts";

describe("import cycles", () => {
  const circle = pack("packages/a", {
    "a.ts": 'import { b } from "./deep/b.ts";',
    "deep/b.ts": 'import type { C } from "../c.ts";',
    "c.ts": 'export * from "./a.ts";',
    "outside.ts": 'import { a } from "./a.ts";',
  });
  const names = "packages/a/src/a.ts, packages/a/src/c.ts, packages/a/src/deep/b.ts";
  const files = names.split(", ");

  test("are found over folders, for types and re-exports too, with those files alone that are in them", () => {
    expect(importCycles([circle], [])).toEqual([`${names} import each other`]);
  });

  test("are told from files that are imported from many sides", () => {
    const diamond = {
      "a.ts": 'import "./b.ts"; import "./c.ts";',
      "b.ts": 'import "./d.ts";',
      "c.ts": 'import "./d.ts";',
    };
    expect(importCycles([pack("packages/a", { ...diamond, "d.ts": "" })], [])).toEqual([]);
  });

  test("are found in a file that imports itself", () => {
    expect(importCycles([pack("packages/a", { "a.ts": 'import "./a.ts";' })], [])).toHaveLength(1);
  });

  test("pass while they are known, and not once they are mended or smaller", () => {
    expect(importCycles([circle], [files])).toEqual([]);
    expect(importCycles([pack("packages/a", {})], [files])).toEqual([
      `${names}: mended; take it out of KNOWN_CYCLES, or leave in it what is left`,
    ]);
    expect(importCycles([circle], [[...files, "packages/a/src/outside.ts"]])).toHaveLength(2);
  });
});

describe("the order of folders", () => {
  const orders = { "packages/a/src": ["top", "bottom"] };
  const both = (top: string, bottom: string) => [pack("packages/a", { "top/a.ts": top, "bottom/b.ts": bottom })];

  test("lets a folder import what lies below it, and itself", () => {
    expect(folderOrder(both('import "../bottom/b.ts"; import "./c.ts";', 'import "node:fs";'), orders, [])).toEqual([]);
  });

  test("refuses an import of what lies above", () => {
    expect(folderOrder(both("", 'import type { A } from "../top/a.ts";'), orders, [])).toEqual([
      "packages/a/src/bottom/b.ts: bottom must not import packages/a/src/top/a.ts: it lies above",
    ]);
  });

  test("passes what is known, and not once it is mended", () => {
    const known = ["packages/a/src/bottom → top"];
    expect(folderOrder(both("", 'import "../top/a.ts";'), orders, known)).toEqual([]);
    expect(folderOrder(both("", ""), orders, known)).toEqual([
      "packages/a/src/bottom → top: mended; take it out of KNOWN_UPWARD",
    ]);
  });

  test("asks for a place for every folder, and for none that is gone", () => {
    expect(folderOrder([pack("packages/a", { "top/a.ts": "", "new/b.ts": "", "index.ts": "" })], orders, [])).toEqual([
      "packages/a/src/new: has no place in ORDERS",
      "packages/a/src/bottom: is no more; take it out of ORDERS",
    ]);
  });
});

describe("the style of declarations", () => {
  const styleOf = (text: string, known: readonly string[] = []) =>
    declarationStyle([pack("packages/a", { "a.ts": text })], known);

  test("refuses a function in a constant, exported or not", () => {
    expect(styleOf("export const f = () => 1;\nconst g = async function () {};")).toEqual([
      "packages/a/src/a.ts: declare f as a function, not as a constant that holds one",
      "packages/a/src/a.ts: declare g as a function, not as a constant that holds one",
    ]);
  });

  test("lets functions be, and constants that have a type of their own or are made by a call", () => {
    const text = `
      export function f() { const inner = () => 1; return inner; }
      const g: (x: number) => number = (x) => x;
      export const h = memo(() => 1);
    `;
    expect(styleOf(text)).toEqual([]);
  });

  test("passes packages that are known, and not once they are mended", () => {
    expect(styleOf("const f = () => 1;", ["packages/a"])).toEqual([]);
    expect(styleOf("", ["packages/a"])).toEqual(["packages/a: mended; take it out of KNOWN_ARROWS"]);
  });
});

describe("timers", () => {
  const timersIn = (text: string, folder = "packages/a") => timers([pack(folder, { "a.ts": text })], {}, []);

  test.each([
    "setTimeout(() => {}, 1);",
    "const t = globalThis.setInterval(f, 1);",
    'import { setTimeout as sleep } from "node:timers/promises";',
    'import * as timers from "node:timers"; timers.setTimeout(f, 1);',
  ])("are refused outside of clocks: %s", (text) => {
    expect(timersIn(text)).toEqual(["packages/a/src/a.ts: take a Clock instead of a timer of the system"]);
  });

  test.each([
    "socket.setTimeout(1_000, () => socket.destroy());",
    'import { setImmediate } from "node:timers/promises";',
    "// setTimeout(f, 1)\nclock.after(1, f);",
    "function f(setTimeout: number) { return setTimeout; }",
  ])("are not seen where none is asked for: %s", (text) => {
    expect(timersIn(text)).toEqual([]);
  });

  test("are for tests and measurements to use", () => {
    expect(timersIn("setTimeout(f, 1);", "packages/testkit")).toEqual([]);
    expect(timersIn("setTimeout(f, 1);", "bench")).toEqual([]);
  });

  test("stand in a list only as long as they are there", () => {
    const path = "packages/a/src/a.ts";
    const quiet = [pack("packages/a", { "a.ts": "" })];
    expect(timers(quiet, { [path]: "why" }, [])).toEqual([`${path}: asks for no timer; take it out of ALLOWED`]);
    expect(timers(quiet, {}, [path])).toEqual([`${path}: mended; take it out of KNOWN_TIMERS`]);
    expect(timers([pack("packages/a", { "a.ts": "setTimeout(f, 1);" })], {}, [path])).toEqual([]);
  });
});
