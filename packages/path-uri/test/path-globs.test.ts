import { describe, expect, test } from "vitest";
import { compilePathGlobs, GlobSyntaxError } from "../src/index.ts";

function matches(patterns: string | readonly string[], path: string, options: { matchHidden?: boolean } = {}): boolean {
  const globs = compilePathGlobs([patterns].flat(), options);
  return globs.isMatch(path.split("/").reduce(globs.advance, globs.start));
}

describe("a pattern", () => {
  test.each([
    ["*.ts", ["a.ts", "ts.ts"], ["a.js", "d/a.ts", ".a.ts", ".ts"]],
    ["**/*.ts", ["a.ts", "d/a.ts", "d/e/f/a.ts"], ["d/a.js", ".git/a.ts", "d/.e/a.ts", "d/.a.ts"]],
    ["src/**", ["src/a", "src/a/b"], ["src", "srcs/a", "src/.a", "a/src/b"]],
    ["**", ["a", "a/b"], [".a", "a/.b"]],
    ["src/**/test/*.ts", ["src/test/a.ts", "src/a/b/test/c.ts"], ["src/a.ts", "test/a.ts", "src/test/a/b.ts"]],
    ["**/.git/**", [".git/a", "a/.git/b/c"], ["git/a", ".git"]],
    ["?[a-c][!0-9].txt", ["xbz.txt", "üby.txt"], ["xdz.txt", "xb1.txt", "xb.txt"]],
    ["{a,b}{1,{2,3}}", ["a1", "b1", "a2", "b3"], ["a4", "c1", "a"]],
    ["{a}", ["{a}"], ["a"]],
    ["a{", ["a{"], ["a"]],
    ["\\*\\{a,b\\}", ["*{a,b}"], ["x{a,b}", "*a"]],
    ["./a//b/", ["a/b"], ["a", "b"]],
    ["a\nb*", ["a\nb", "a\nbc"], ["a"]],
  ])("%j takes what it means and nothing else", (pattern, taken, left) => {
    for (const path of taken) expect(matches(pattern, path), path).toBe(true);
    for (const path of left) expect(matches(pattern, path), path).toBe(false);
  });

  test("matches names with a dot in front where it is told to", () => {
    for (const path of [".a", "a/.b", ".git/a"]) expect(matches("**", path, { matchHidden: true }), path).toBe(true);
  });

  test("is one of several", () => {
    expect(matches(["*.md", "*.ts"], "a.ts")).toBe(true);
    expect(matches([], "a")).toBe(false);
  });

  test("says that nothing below can match any more", () => {
    const globs = compilePathGlobs(["src/*/a", "docs/**"]);
    const below = (path: string) => globs.mayMatchBelow(path.split("/").reduce(globs.advance, globs.start));
    expect([below("src"), below("src/x"), below("src/x/a"), below("lib"), below("docs/a/b")]).toEqual([
      true,
      true,
      false,
      false,
      true,
    ]);
  });

  test.each(["", "/a", "../a", "a/../b", "a\0", "[z-a]", "x".repeat(5_000), `${"{a,b}".repeat(20)}`, "a\\"])(
    "that is none is refused: %j",
    (pattern) => {
      expect(() => compilePathGlobs([pattern])).toThrow(GlobSyntaxError);
    },
  );

  test("is written out once for each choice, the outer braces first; one that never ends stands for itself", () => {
    for (const name of ["a", "b1", "b2", "c"]) expect(matches(["{a,b{1,2},c}"], name)).toBe(true);
    for (const name of ["{ax", "{bx"]) expect(matches(["{{a,b}x"], name)).toBe(true);
    for (const name of ["{a", "{b"]) expect(matches(["{{a,b}"], name)).toBe(true);
    for (const name of ["{x}a", "{x}b"]) expect(matches(["{x}{a,b}"], name)).toBe(true);
    for (const name of ["{a}", "{b}"]) expect(matches(["{{a,b}}"], name)).toBe(true);
    for (const name of ["}a", "}b"]) expect(matches(["}{a,b}"], name)).toBe(true);
    expect(matches(["{a,b"], "{a,b")).toBe(true);
    expect(matches(["\\{a,b}"], "{a,b}")).toBe(true);
    expect(matches(["{a,\\,,\\}}"], ",")).toBe(true);
  });

  test("that has as many braces as fit costs one look at each character, and what is too much is never there", () => {
    const choices = "{a,b}".repeat(10);
    const far = [`${choices}${"{".repeat(4_000)}`, `${choices}${"a".repeat(4_000)}`, `{${",".repeat(4_000)}}`];
    for (const pattern of far) expect(() => compilePathGlobs(Array(500).fill(pattern))).toThrow(GlobSyntaxError);
    expect(matches([`${"{".repeat(4_000)}a,b}`], `${"{".repeat(3_999)}b`)).toBe(true);
  });

  test("never takes longer than its steps times the names", () => {
    const pattern = `${"**/*a*a*a*/".repeat(100)}x`;
    expect(matches(pattern, Array.from({ length: 200 }, () => "a".repeat(200)).join("/"))).toBe(false);
  });
});
