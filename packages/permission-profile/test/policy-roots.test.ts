import {
  compileDenyMatcher,
  deniedRoots,
  fileSystemPolicyOf,
  foreignPaths,
  PROTECTED_METADATA_NAMES,
  readableRoots,
  workspaceWriteProfile,
  writableRoots,
} from "@holdfast/permission-profile";
import { describe, expect, test } from "vitest";
import { at, glob, literalEntry, posix, posixBinding, restricted, root, roots, uri, windows } from "./policies.ts";

const all = [...PROTECTED_METADATA_NAMES];

describe("writable roots", () => {
  test("of the ordinary workspace profile protect their metadata by entries and by names", () => {
    const policy = fileSystemPolicyOf(workspaceWriteProfile());
    const metadata = [".git", ".agents", ".codex", ".aws"].map((name) => posix(`/r/${name}`));
    expect(writableRoots(policy, posixBinding)).toEqual([
      { root: posix("/r"), readOnlySubpaths: metadata, protectedMetadataNames: all },
      { root: posix("/tmp"), readOnlySubpaths: [], protectedMetadataNames: all },
      { root: posix("/var/tmp/me"), readOnlySubpaths: [], protectedMetadataNames: all },
    ]);
  });

  test("name every narrower entry inside them, the shallow ones first, reopened roots apart", () => {
    const policy = restricted(
      at("/r/a/b/c", "read"),
      at("/r/a/b", "write"),
      at("/r/a", "deny"),
      at("/r", "write"),
      at("/q", "deny"),
    );
    expect(writableRoots(policy, posixBinding)).toEqual([
      { root: posix("/r/a/b"), readOnlySubpaths: [posix("/r/a/b/c")], protectedMetadataNames: all },
      { root: posix("/r"), readOnlySubpaths: [posix("/r/a"), posix("/r/a/b/c")], protectedMetadataNames: all },
    ]);
  });

  test("leave out a name that an entry grants, but not for a grant inside it", () => {
    const policy = restricted(roots("write"), roots("write", ".codex"), roots("write", ".git/x"));
    expect(writableRoots(policy, posixBinding)[0]?.protectedMetadataNames).toEqual([".git", ".agents", ".aws"]);
  });

  test("are not places that are denied at the same path or by a pattern", () => {
    const policy = restricted(at("/a", "write"), at("/a", "deny"), at("/b", "write"), glob("/b"), at("/c", "write"));
    expect(writableRoots(policy, posixBinding).map((entry) => entry.root)).toEqual([posix("/c")]);
  });

  test("come once, however often and however spelled they are granted", () => {
    const policy = restricted(at("/r", "write"), roots("write"), literalEntry(uri("file:///%72/"), "write"));
    expect(writableRoots(policy, posixBinding).map((entry) => entry.root)).toEqual([posix("/r")]);
  });

  test("have no protected names where the whole disk may be written", () => {
    expect(writableRoots(restricted(root("write")), posixBinding)).toEqual([
      { root: posix("/"), readOnlySubpaths: [], protectedMetadataNames: [] },
    ]);
  });

  test("are none where a pattern can not be understood, and where the policy is not restricted", () => {
    expect(writableRoots(restricted(at("/r", "write"), glob("{")), posixBinding)).toEqual([]);
    expect(readableRoots(restricted(at("/r", "write"), glob("{")), posixBinding)).toEqual([]);
    expect(writableRoots({ kind: "unrestricted" }, posixBinding)).toEqual([]);
  });
});

test("readable roots are all that is not denied", () => {
  const policy = restricted(at("/a", "read"), at("/b", "write"), at("/c", "deny"), at("/d", "read"), at("/d", "deny"));
  expect(readableRoots(policy, posixBinding)).toEqual([posix("/a"), posix("/b")]);
});

test("denied roots leave out the root of the file system", () => {
  const policy = restricted(
    root("deny"),
    at("/", "deny"),
    at("/a", "deny"),
    at("/a", "deny"),
    at("/b", "read"),
    roots("read", ".."),
  );
  expect(deniedRoots(policy, posixBinding)).toEqual([posix("/a"), posix("/r")]);
});

test("foreign paths are named with their place in the policy", () => {
  const policy = restricted(at("/a", "read"), literalEntry(windows("C:\\x"), "deny"), roots("write"));
  expect(foreignPaths(policy, "posix")).toEqual([{ path: windows("C:\\x"), index: 1 }]);
  expect(foreignPaths(policy, "windows")).toEqual([{ path: posix("/a"), index: 0 }]);
  expect(foreignPaths({ kind: "external" }, "posix")).toEqual([]);
});

describe("the deny matcher", () => {
  const policy = restricted(root("deny"), at("/r", "write"), at("/r/a", "deny"), at("/r/a/b", "write"), glob("*.env"));
  const matcher = compileDenyMatcher(policy, posixBinding);

  test.each([
    ["/r/a", "entry"],
    ["/r/a/b/c", "entry"],
    ["/r/x.env", "glob"],
    ["/r/x", undefined],
    ["/elsewhere", undefined],
  ])("of %s says %s", (path, kind) => {
    expect(matcher.match(posix(path))?.kind).toBe(kind);
  });

  test("denies paths of another convention, and everything where a pattern is none", () => {
    expect(matcher.match(windows("C:\\x"))?.kind).toBe("foreign-target");
    expect(compileDenyMatcher(restricted(glob("{")), posixBinding).match(posix("/x"))?.kind).toBe("unusable-glob");
  });

  test("denies nothing where the policy is not restricted", () => {
    expect(compileDenyMatcher({ kind: "unrestricted" }, posixBinding).match(windows("C:\\x"))).toBeUndefined();
  });
});
