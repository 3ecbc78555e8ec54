import { mkdirSync, writeFileSync } from "node:fs";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { manifestFacts } from "../../src/rules/manifest-facts.ts";
import type { Manifest } from "../../src/workspace.ts";
import { pack } from "../pack.ts";

const WHOLE: Partial<Manifest> = {
  license: "Apache-2.0",
  description: "It does something.",
  keywords: ["something"],
  engines: { node: ">=22.15" },
  files: ["dist", "src"],
};

let root: string;

beforeAll(async () => {
  root = await mkdtemp(join(tmpdir(), "holdfast-facts-"));
  mkdirSync(join(root, "packages/a"), { recursive: true });
  writeFileSync(join(root, "packages/a/README.md"), "");
  writeFileSync(join(root, "pnpm-workspace.yaml"), "catalog:\n  node: 24.21.0\n");
  writeFileSync(join(root, ".nvmrc"), "24.21.0\n");
});
afterAll(() => rm(root, { recursive: true, force: true }));

const factsOf = (manifest: Partial<Manifest>, folder = "packages/a") =>
  manifestFacts([pack(folder, {}, manifest)], root);

describe("a published manifest", () => {
  test("passes when it says everything", () => {
    expect(factsOf(WHOLE)).toEqual([]);
  });

  test.each<[keyof Manifest, unknown, string]>([
    ["license", "MIT", "license is to be Apache-2.0"],
    ["description", "", "lacks a description"],
    ["keywords", [], "lacks keywords"],
    ["engines", { node: ">=22.12" }, "engines.node is to be >=22.15"],
    ["files", ["dist"], "files lacks src, which its maps lead to"],
  ])("is refused without a right %s", (member, value, breach) => {
    expect(factsOf({ ...WHOLE, [member]: value })).toEqual([`packages/a/package.json: ${breach}`]);
  });

  test("is published with every entry that the workspace has", () => {
    const exports = { ".": "./a.js", "./more": "./more.js" };
    const manifest = { ...WHOLE, exports, publishConfig: { exports: { ".": "./dist/bundle/a.js" } } };
    expect(factsOf(manifest)).toEqual([
      "packages/a/package.json: publishConfig.exports lacks ./more, which exports has",
    ]);
    expect(factsOf({ ...manifest, publishConfig: { exports } })).toEqual([]);
  });

  test("has a README beside it", () => {
    expect(factsOf(WHOLE, "packages/b")).toEqual(["packages/b/package.json: has no README.md beside it"]);
  });

  test("may say less when it is private", () => {
    expect(factsOf({ private: true })).toEqual([]);
  });
});

test("the Node of version managers is the one that is pinned", () => {
  writeFileSync(join(root, ".nvmrc"), "22\n");
  expect(factsOf(WHOLE)).toEqual([".nvmrc: names Node 22, the catalog 24.21.0"]);
});
