import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { repositoryRoot } from "../src/workspace.ts";

test("the comparison with other SDKs names what shows each thing, and it is there", () => {
  const folder = join(repositoryRoot, "docs");
  const text = readFileSync(join(folder, "compared.md"), "utf8");
  const rows = text.split("\n").filter((line) => line.startsWith("| ") && !/^\| (\||---)/.test(line));
  const unproved = rows.filter((row) => !/\]\([^)]+\)/.test(row));
  const missing = [...text.matchAll(/\]\(([^)#]+)\)/g)].filter(([, path = ""]) => !existsSync(join(folder, path)));
  expect(rows.length).toBeGreaterThan(35);
  expect(unproved).toEqual([]);
  expect(missing.map(([link]) => link)).toEqual([]);
});
