import type { PathUri } from "@holdfast/path-uri";
import { accessOf, type FileSystemPolicy, prepare } from "@holdfast/permission-profile";
import { describe, expect, test } from "vitest";
import {
  at,
  glob,
  literalEntry,
  posix,
  posixBinding,
  restricted,
  root,
  roots,
  special,
  uri,
  windows,
  windowsBinding,
} from "./policies.ts";

function ruleOf(policy: FileSystemPolicy, path: PathUri) {
  const { access, rule } = accessOf(policy, posixBinding, path);
  return [access, rule.kind, "index" in rule ? rule.index : undefined];
}

describe("the entry that decides", () => {
  const reopened = restricted(at("/r", "write"), at("/r/a", "deny"), at("/r/a/b", "write"));

  test.each([
    ["/r", "write", 0],
    ["/r/x", "write", 0],
    ["/r/a", "deny", 1],
    ["/r/a/k", "deny", 1],
    ["/r/a/b", "write", 2],
    ["/r/a/b/k", "write", 2],
    ["/r/ab", "write", 0],
  ])("is the deepest one that contains the path: %s gets %s", (path, access, index) => {
    expect(ruleOf(reopened, posix(path))).toEqual([access, "entry", index]);
  });

  test("is told with what it resolved to", () => {
    const { rule } = accessOf(restricted(root("read"), roots("write", "sub")), posixBinding, posix("/r/sub/x"));
    expect(rule).toEqual({ kind: "entry", entry: roots("write", "sub"), index: 1, path: posix("/r/sub") });
  });

  test.each([
    [["deny", "write"], "deny", 0],
    [["write", "deny"], "deny", 1],
    [["read", "write"], "write", 1],
    [["write", "read"], "write", 0],
    [["read", "deny", "write"], "deny", 1],
  ] as const)("on one path with %j is the one with %s", (accesses, access, index) => {
    const policy = restricted(...accesses.map((mode) => at("/r/a", mode)));
    expect(ruleOf(policy, posix("/r/a/x"))).toEqual([access, "entry", index]);
  });

  test("on one path does not care whether a place is named by its path or by its meaning", () => {
    expect(ruleOf(restricted(roots("write"), at("/r", "deny")), posix("/r/x"))).toEqual(["deny", "entry", 1]);
    expect(ruleOf(restricted(at("/r", "read"), roots("write")), posix("/r/x"))).toEqual(["write", "entry", 1]);
  });

  test("is found whatever way the URIs of the entry and of the target spell the path", () => {
    const policy = restricted(literalEntry(uri("file:///r//%61/"), "deny"), at("/r", "write"));
    expect(ruleOf(policy, uri("file:///r/a/x"))).toEqual(["deny", "entry", 0]);
    expect(ruleOf(policy, uri("file:///%72/a"))).toEqual(["deny", "entry", 0]);
  });

  test("is found without regard to case on Windows", () => {
    const policy = restricted(literalEntry(windows("C:\\R"), "write"), literalEntry(windows("c:\\r\\Secret"), "deny"));
    expect(accessOf(policy, windowsBinding, windows("C:\\r\\x")).access).toBe("write");
    expect(accessOf(policy, windowsBinding, windows("C:\\R\\SECRET\\x")).access).toBe("deny");
  });

  test("keeps shares of different hosts apart on Windows", () => {
    const policy = restricted(literalEntry(windows("\\\\one\\s"), "write"));
    expect(accessOf(policy, windowsBinding, windows("\\\\one\\s\\x")).access).toBe("write");
    expect(accessOf(policy, windowsBinding, windows("\\\\two\\s\\x")).access).toBe("deny");
  });
});

describe("without an entry that decides", () => {
  test("a path that no entry contains is denied", () => {
    expect(ruleOf(restricted(at("/r/a", "write")), posix("/r/ab"))).toEqual(["deny", "unmatched", undefined]);
    expect(ruleOf(restricted(), posix("/"))).toEqual(["deny", "unmatched", undefined]);
  });

  test.each([
    ["a Windows path", "file:///C:/r"],
    ["a share", "file://server/r/x"],
    ["a path with an encoded separator", "file:///r/a%2Fb"],
    ["an opaque path", "file:///%00/bad/path/L0M6L3g"],
  ])("%s is denied on a POSIX machine", (_, text) => {
    expect(ruleOf(restricted(root("write")), uri(text))).toEqual(["deny", "foreign-target", undefined]);
  });

  test("an entry of another convention decides nothing", () => {
    const policy = restricted(literalEntry(windows("C:\\"), "deny"), root("write"));
    expect(ruleOf(policy, posix("/r"))).toEqual(["write", "entry", 1]);
  });

  test.each([{ kind: "unrestricted" }, { kind: "external" }] as const)("under $kind everything is open", (policy) => {
    expect(ruleOf(policy, posix("/etc"))).toEqual(["write", "whole-disk", undefined]);
    expect(ruleOf(policy, windows("C:\\x"))).toEqual(["write", "whole-disk", undefined]);
  });
});

describe("a deny pattern", () => {
  const policy = restricted(root("read"), roots("write"), glob("**/*.env"), glob("~/.ssh/*"));

  test.each([
    ["/r/x.env", "deny"],
    ["/r/a/b/x.env", "deny"],
    ["/r/x.env/below", "deny"],
    ["/x.env", "read"],
    ["/home/me/.ssh/id", "deny"],
    ["/home/me/.ssh", "read"],
    ["/r/x.envs", "write"],
  ])("takes away what the entries grant: %s gets %s", (path, access) => {
    expect(accessOf(policy, posixBinding, posix(path)).access).toBe(access);
  });

  test("is named with the text of its entry", () => {
    expect(accessOf(policy, posixBinding, posix("/r/x.env")).rule).toEqual({
      kind: "glob",
      pattern: "**/*.env",
      index: 2,
    });
  });

  test("is not outdone by a deeper entry that grants", () => {
    const reopened = restricted(roots("write"), glob("*"), at("/r/a/b", "write"));
    expect(ruleOf(reopened, posix("/r/a/b"))).toEqual(["deny", "glob", 1]);
  });

  test("that can not be understood denies everything and says why", () => {
    const { access, rule } = accessOf(restricted(root("write"), glob("**/{a,b}")), posixBinding, posix("/etc"));
    expect(access).toBe("deny");
    expect(rule).toEqual({
      kind: "unusable-glob",
      pattern: "**/{a,b}",
      index: 1,
      reason: "invalid deny-read glob pattern `**/{a,b}`: braces are not supported, write one pattern each",
    });
  });

  test.each(["read", "write"] as const)("with access %s instead has no effect", (access) => {
    expect(ruleOf(restricted(roots("read"), glob("**", access)), posix("/r/x"))).toEqual(["read", "entry", 0]);
    expect(ruleOf(restricted(roots("read"), glob("{", access)), posix("/r/x"))).toEqual(["read", "entry", 0]);
  });
});

describe("protected metadata", () => {
  const policy = restricted(root("read"), roots("write"), special({ kind: "slash_tmp" }, "write"));

  test.each([
    ["/r/.git", ".git"],
    ["/r/.git/hooks/pre-commit", ".git"],
    ["/r/.codex/x", ".codex"],
    ["/r/.agents", ".agents"],
    ["/r/.aws/credentials", ".aws"],
  ])("directly below a writable root stays read-only: %s", (path, name) => {
    expect(accessOf(policy, posixBinding, posix(path))).toEqual({
      access: "read",
      rule: { kind: "protected-metadata", root: posix("/r"), name },
    });
  });

  test("is protected below every writable root", () => {
    expect(accessOf(policy, posixBinding, posix("/tmp/.git")).rule).toMatchObject({ root: posix("/tmp") });
  });

  test("below a reopened folder is protected too", () => {
    const reopened = restricted(roots("write"), at("/r/a", "deny"), at("/r/a/b", "write"));
    expect(accessOf(reopened, posixBinding, posix("/r/a/b/.codex")).access).toBe("read");
  });

  test.each(["/r/sub/.codex", "/r/.gitignore", "/r/.GIT"])("is not what %s is", (path) => {
    expect(accessOf(policy, posixBinding, posix(path)).access).toBe("write");
  });

  test("is found without regard to case on Windows", () => {
    const { access } = accessOf(restricted(roots("write")), windowsBinding, windows("C:\\r\\.GIT\\config"));
    expect(access).toBe("read");
  });

  test("is opened by an entry for it, and by an entry inside it for as much", () => {
    const byName = restricted(roots("write"), roots("write", ".codex"));
    expect(accessOf(byName, posixBinding, posix("/r/.codex/x")).access).toBe("write");
    expect(accessOf(byName, posixBinding, posix("/r/.git/x")).access).toBe("read");
    const inside = restricted(roots("write"), roots("write", ".codex/cache"));
    expect(accessOf(inside, posixBinding, posix("/r/.codex/cache/x")).access).toBe("write");
    expect(accessOf(inside, posixBinding, posix("/r/.codex/x")).access).toBe("read");
  });

  test("does not open what another entry closes", () => {
    const denied = restricted(roots("write"), roots("deny", ".git"));
    expect(ruleOf(denied, posix("/r/.git/x"))).toEqual(["deny", "entry", 1]);
  });

  test("is not protected where the whole disk may be written", () => {
    expect(accessOf(restricted(root("write")), posixBinding, posix("/.git")).access).toBe("write");
    const carved = restricted(root("write"), at("/etc", "read"));
    expect(accessOf(carved, posixBinding, posix("/.git")).access).toBe("read");
  });
});

describe("a prepared policy of hostile size", () => {
  test("with ten thousand entries and ten thousand patterns answers ten thousand questions", () => {
    const entries = Array.from({ length: 10_000 }, (_, index) => [
      at(`/r/${"d/".repeat(index % 50)}${index}`, index % 2 === 0 ? "write" : "deny"),
      glob(`/r/g${index}/**/*.env`),
    ]);
    const resolver = prepare(restricted(...entries.flat()), posixBinding);
    const counts = { read: 0, write: 0, deny: 0 };
    for (let index = 0; index < 10_000; index++) {
      counts[resolver.accessOf(posix(`/r/${"d/".repeat(index % 50)}${index}/x`)).access]++;
    }
    expect(counts).toEqual({ read: 0, write: 5000, deny: 5000 });
  });
});
