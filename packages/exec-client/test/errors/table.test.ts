import { readFile } from "node:fs/promises";
import * as client from "@holdfast/exec-client";
import { expect, test } from "vitest";

/** Rows of the table of errors in the README: the words in backquotes of each cell. */
async function rowsOfTable(): Promise<readonly (readonly string[])[][]> {
  const readme = await readFile(new URL("../../README.md", import.meta.url), "utf8");
  const section = readme.slice(readme.indexOf("## Errors\n"), readme.indexOf("## Commands\n"));
  const rows = section.split("\n").filter((line) => line.startsWith("| `"));
  return rows.map((row) =>
    row
      .split("|")
      .slice(1, -1)
      .map((cell) => [...cell.matchAll(/`([^`]+)`/g)].map(([, word = ""]) => word)),
  );
}

function isErrorClass(value: unknown): boolean {
  return typeof value === "function" && value.prototype instanceof Error;
}

test("the README lists every class of error that is exported, and no other", async () => {
  const listed = new Set((await rowsOfTable()).map(([names]) => names?.[0] ?? ""));
  const exported = Object.entries(client).flatMap(([name, value]) => (isErrorClass(value) ? [name] : []));
  expect([...listed].sort()).toEqual(exported.sort());
});

test("the README names every guard of errors", async () => {
  const words = new Set((await rowsOfTable()).flat(2));
  const guards = Object.keys(client).filter((name) => /^is[A-Z].*(?<!Url)$/.test(name));
  expect(guards.filter((name) => !words.has(name))).toEqual([]);
});
