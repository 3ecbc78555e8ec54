import { parsePathUri } from "@holdfast/path-uri";
import {
  type DenyGlob,
  denyGlobs,
  MAX_GLOB_LENGTH,
  MAX_GLOB_SEGMENTS,
  type PolicyBinding,
} from "@holdfast/permission-profile";
import { describe, expect, test } from "vitest";
import { glob, posix, posixBinding, restricted, windows, windowsBinding } from "./policies.ts";

function bind(pattern: string, binding: PolicyBinding = posixBinding): DenyGlob {
  const [bound] = denyGlobs(restricted(glob(pattern)), binding);
  if (bound === undefined) throw new Error("nothing was bound");
  return bound;
}

describe("a pattern on a POSIX machine", () => {
  test.each([
    ["*", ["/r/x", "/r/.x", "/r/x/below"], ["/r", "/x"]],
    ["**", ["/r/x", "/r/x/y"], ["/r", "/x"]],
    ["a/**", ["/r/a/x", "/r/a/x/y"], ["/r/a", "/r/b"]],
    ["**/a", ["/r/a", "/r/x/a", "/r/x/y/a", "/r/a/below"], ["/r/ab", "/a"]],
    ["a/**/b", ["/r/a/b", "/r/a/x/b", "/r/a/x/y/b/below"], ["/r/a/x", "/r/b"]],
    ["a**b", ["/r/ab", "/r/axb"], ["/r/a/b"]],
    ["?.env", ["/r/x.env", "/r/ü.env", "/r/😀.env"], ["/r/.env", "/r/xx.env", "/r/a/x.env"]],
    ["a?b", ["/r/axb"], ["/r/a/b"]],
    ["[ab]x", ["/r/ax", "/r/bx"], ["/r/cx", "/r/x"]],
    ["[a-c]", ["/r/a", "/r/b", "/r/c"], ["/r/d", "/r/-"]],
    ["[!a-c]", ["/r/d", "/r/-"], ["/r/b"]],
    ["[^a]", ["/r/b"], ["/r/a"]],
    ["[]a]", ["/r/]", "/r/a"], ["/r/b"]],
    ["[!]]", ["/r/a"], ["/r/]"]],
    ["[a-]", ["/r/a", "/r/-"], ["/r/b"]],
    ["[ab", ["/r/[ab"], ["/r/a", "/r/b"]],
    ["[", ["/r/["], ["/r/a"]],
    ["[]", ["/r/[]"], ["/r/a"]],
    ["[a/b]", ["/r/[a/b]"], ["/r/a"]],
    ["\\*", ["/r/*"], ["/r/x"]],
    ["x\\[y*", ["/r/x[yz"], ["/r/xy"]],
    ["\\{a\\}", ["/r/{a}"], ["/r/a"]],
    ["/etc/*.conf", ["/etc/a.conf"], ["/r/etc/a.conf", "/etc/x/a.conf"]],
    ["/etc/shadow", ["/etc/shadow", "/etc/shadow/x"], ["/etc/shadows"]],
    ["~/x", ["/home/me/x"], ["/r/x"]],
    ["~", ["/home/me", "/home/me/x"], ["/home/other"]],
    ["~x", ["/r/~x"], ["/home/me/x"]],
    ["./a//*/", ["/r/a/x"], ["/r/x"]],
    ["../q/*", ["/q/x"], ["/r/q/x"]],
    ["a/../b*", ["/r/bx"], ["/r/a/bx"]],
    ["C:\\x", ["/r/C:x"], ["/r/x"]],
    ["X.env", ["/r/X.env"], ["/r/x.env"]],
    ["ü*", ["/r/üx"], ["/r/ux"]],
  ])("%s matches %j and not %j", (pattern, matches, others) => {
    const { matches: isMatch } = bind(pattern);
    expect(matches.filter((path) => !isMatch(posix(path)))).toEqual([]);
    expect(others.filter((path) => isMatch(posix(path)))).toEqual([]);
  });

  test.each([
    ["**/*.env", "/r/**/*.env", "/r"],
    ["a/b/*.env", "/r/a/b/*.env", "/r/a/b"],
    ["/**/*.env", "/**/*.env", "/"],
    ["~/.ssh/id_*", "/home/me/.ssh/id_*", "/home/me/.ssh"],
    ["/etc/shadow", "/etc/shadow", "/etc/shadow"],
  ])("%s becomes %s, to be scanned from %s", (pattern, text, base) => {
    expect(bind(pattern)).toMatchObject({ pattern: text, source: pattern, index: 0, base: posix(base) });
  });

  test("takes the folder that it is relative to by its name, wildcards in that name included", () => {
    const { matches } = bind("*.env", { ...posixBinding, cwd: posix("/r/[ab]*") });
    expect(matches(posix("/r/[ab]*/x.env"))).toBe(true);
    expect(matches(posix("/r/ax/x.env"))).toBe(false);
  });

  test("sees names that are not UTF-8, and matches nothing of another convention", () => {
    expect(bind("*").matches(parsePathUri("file:///r/%FF"))).toBe(true);
    expect(bind("/**").matches(windows("C:\\x"))).toBe(false);
  });
});

describe("a pattern on a Windows machine", () => {
  test.each([
    ["*.env", ["C:\\r\\X.ENV", "C:\\r\\x.env"], ["C:\\x.env"]],
    ["a\\*.ENV", ["C:\\r\\A\\x.env"], ["C:\\r\\x.env"]],
    ["a/[B-C]", ["C:\\r\\a\\b", "C:\\r\\a\\C"], ["C:\\r\\a\\d"]],
    ["c:/X/**", ["C:\\x\\y"], ["C:\\y"]],
    ["\\x*", ["C:\\xy"], ["C:\\r\\xy", "D:\\xy"]],
    ["\\\\host\\share\\*", ["\\\\HOST\\Share\\x"], ["\\\\other\\share\\x"]],
    ["~\\x", ["C:\\Users\\me\\x"], ["C:\\r\\x"]],
    ["~/x", ["C:\\users\\ME\\X"], ["C:\\r\\x"]],
  ])("%s matches %j and not %j", (pattern, matches, others) => {
    const { matches: isMatch } = bind(pattern, windowsBinding);
    expect(matches.filter((path) => !isMatch(windows(path)))).toEqual([]);
    expect(others.filter((path) => isMatch(windows(path)))).toEqual([]);
  });

  test("shows the native text", () => {
    expect(bind("a/*/b", windowsBinding).pattern).toBe("C:\\r\\a\\*\\b");
    expect(bind("D:\\*", windowsBinding).pattern).toBe("D:\\*");
  });
});

describe("a pattern that is none", () => {
  test.each([
    ["", "it is empty"],
    ["{a,b}", "braces are not supported, write one pattern each"],
    ["a}", "braces are not supported, write one pattern each"],
    ["[z-a]", "the range `z-a` is upside down"],
    ["[[:alpha:]]", "named character classes are not supported"],
    ["[\\]]", "a `\\` inside brackets means different things to different tools"],
    ["a\\", "nothing follows the last `\\`"],
    ["*/../x", "`..` follows a wildcard"],
    ["a\0b", "it has a NUL"],
    ["x".repeat(MAX_GLOB_LENGTH + 1), "it is longer than 4096 characters"],
    ["a/".repeat(MAX_GLOB_SEGMENTS + 1), "it has more than 256 segments"],
  ])("%j is refused: %s", (pattern, reason) => {
    expect(() => bind(pattern)).toThrow(
      `invalid deny-read glob pattern \`${pattern}\`: ${reason} at entries[0].path.pattern`,
    );
  });

  test.each(["C:x", "a:b\\*"])("%j is refused on Windows", (pattern) => {
    expect(() => bind(pattern, windowsBinding)).toThrow("invalid deny-read glob pattern");
  });

  test("one that starts at an unknown home is refused", () => {
    expect(() => bind("~/x", { ...posixBinding, home: undefined })).toThrow(
      "unable to resolve deny-read glob pattern `~/x` without executor home",
    );
    expect(() => bind("~/x", { ...posixBinding, home: windows("C:\\x") })).toThrow("without executor home");
  });

  test("one that is relative to an unknown folder is refused", () => {
    expect(() => bind("x", { ...posixBinding, cwd: undefined })).toThrow(
      "unable to resolve deny-read glob pattern `x` without a policy cwd",
    );
  });
});

describe("the patterns of a policy", () => {
  test("are sorted, each once, and only those that deny", () => {
    const policy = restricted(glob("b"), glob("/r/a"), glob("x", "read"), glob("a"), glob("b"));
    expect(denyGlobs(policy, posixBinding)).toMatchObject([
      { pattern: "/r/a", source: "/r/a", index: 1 },
      { pattern: "/r/b", source: "b", index: 0 },
    ]);
  });

  test("of the workspace are bound to each root", () => {
    const binding = { ...posixBinding, workspaceRoots: [posix("/b"), posix("/a[1]")] };
    const bound = denyGlobs(restricted(glob("codex-project-roots://**/*.env")), binding);
    expect(bound.map(({ base }) => base)).toEqual([posix("/a[1]"), posix("/b")]);
    expect(bound.map(({ matches }) => matches(posix("/a[1]/x/y.env")))).toEqual([true, false]);
    expect(denyGlobs(restricted(glob("codex-project-roots://x")), { ...binding, workspaceRoots: [] })).toEqual([]);
  });

  test("are none where the policy is not restricted", () => {
    expect(denyGlobs({ kind: "unrestricted" }, posixBinding)).toEqual([]);
  });
});

describe("a pattern made to explode", () => {
  const deep = (name: string, depth: number) => posix(`/r/${`${name}/`.repeat(depth)}z`);

  test.each([
    ["**/**/**/**/**/a*a*a*a*a*a*a*b", deep("a".repeat(40), 40)],
    [`${"**/*a/".repeat(100)}b`, deep("a", 1000)],
    [`${"a*".repeat(1000)}b`, posix(`/r/${"a".repeat(4000)}`)],
    [`${"*?".repeat(1000)}[!a]`, posix(`/r/${"a".repeat(4000)}`)],
    [`${"**/[a-z]*/".repeat(120)}b`, deep("abc", 500)],
  ])("%s is done with in time", (pattern, path) => {
    expect(bind(pattern).matches(path)).toBe(false);
  });
});
