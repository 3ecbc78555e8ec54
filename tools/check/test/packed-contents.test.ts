import { describe, expect, test } from "vitest";
import { contentProblems } from "../src/packed/contents.ts";

const problemsOf = (files: Readonly<Record<string, string>>) =>
  contentProblems({ paths: Object.keys(files), read: (path) => files[path] });

const whole = { LICENSE: "", "README.md": "", "package.json": "{}" };

describe("what is packed", () => {
  test("brings its licence and its readme", () => {
    expect(problemsOf(whole)).toEqual([]);
    expect(problemsOf({ "package.json": "{}" })).toEqual(["lacks LICENSE", "lacks README.md"]);
  });

  test("brings the sources that its maps lead to", () => {
    const map = JSON.stringify({ sources: ["../../src/deep/a.ts"] });
    expect(problemsOf({ ...whole, "dist/deep/a.js.map": map, "src/deep/a.ts": "" })).toEqual([]);
    expect(problemsOf({ ...whole, "dist/deep/a.d.ts.map": map })).toEqual([
      "dist/deep/a.d.ts.map leads to src/deep/a.ts, which is not in the package; delete dist and build again",
    ]);
  });

  test.each(["tsconfig.tsbuildinfo", "test/a.ts", "src/a.test.ts", "src/tsconfig.json"])(
    "leaves %s at home",
    (path) => {
      expect(problemsOf({ ...whole, [path]: "" })).toEqual([`holds ${path}, which nobody who installs it needs`]);
    },
  );
});
