import { MAX_RESOLVED_ENTRIES, type PolicyBinding, resolveEntries } from "@holdfast/permission-profile";
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

function pathsOf(policy: Parameters<typeof resolveEntries>[0], binding: PolicyBinding = posixBinding) {
  return resolveEntries(policy, binding).map(({ path, access }) => `${access} ${path}`);
}

describe("what an entry resolves to", () => {
  const two: PolicyBinding = { ...posixBinding, workspaceRoots: [posix("/b"), posix("/a")] };

  test("workspace roots come in their order, with the entry they come from", () => {
    expect(resolveEntries(restricted(root("read"), roots("write", "x/y")), two)).toEqual([
      { path: posix("/"), access: "read", entry: root("read"), index: 0, skipIfMissing: false },
      { path: posix("/b/x/y"), access: "write", entry: roots("write", "x/y"), index: 1, skipIfMissing: false },
      { path: posix("/a/x/y"), access: "write", entry: roots("write", "x/y"), index: 1, skipIfMissing: false },
    ]);
  });

  test("a path that may be missing is marked", () => {
    const entry = { ...roots("read", ".git"), missing_path_behavior: "skip" } as const;
    expect(resolveEntries(restricted(entry), posixBinding)).toMatchObject([{ skipIfMissing: true }]);
  });

  test("temporary folders are those of the binding", () => {
    const policy = restricted(special({ kind: "tmpdir" }, "write"), special({ kind: "slash_tmp" }, "write"));
    expect(pathsOf(policy)).toEqual(["write file:///var/tmp/me", "write file:///tmp"]);
    expect(pathsOf(policy, { ...posixBinding, tmpdir: [], slashTmp: undefined })).toEqual([]);
  });

  test("the root of Windows is the drive or the share of the policy's directory", () => {
    expect(pathsOf(restricted(root("read")), windowsBinding)).toEqual(["read file:///C:/"]);
    const share = { ...windowsBinding, cwd: windows("\\\\host\\share\\x") };
    expect(pathsOf(restricted(root("read")), share)).toEqual(["read file://host/share"]);
    expect(pathsOf(restricted(root("read")), { ...windowsBinding, cwd: undefined })).toEqual([]);
  });

  test("the platform's runtime files are read-only, and cannot be denied as a whole", () => {
    const binding = { ...posixBinding, platformRoots: [posix("/usr"), posix("/lib")] };
    expect(pathsOf(restricted(special({ kind: "minimal" }, "write")), binding)).toEqual([
      "read file:///usr",
      "read file:///lib",
    ]);
    expect(pathsOf(restricted(special({ kind: "minimal" }, "deny")), binding)).toEqual([]);
    expect(pathsOf(restricted(special({ kind: "minimal" }, "read")))).toEqual([]);
  });

  test("patterns and unknown places resolve to nothing", () => {
    expect(pathsOf(restricted(glob("/x"), special({ kind: "unknown", path: ":later" }, "write")))).toEqual([]);
  });

  test("paths and roots of another convention are left out", () => {
    const policy = restricted(literalEntry(windows("C:\\x"), "deny"), at("/x", "read"), roots("write"));
    expect(pathsOf(policy, { ...posixBinding, workspaceRoots: [windows("C:\\r")] })).toEqual(["read file:///x"]);
  });

  test.each([{ kind: "unrestricted" }, { kind: "external" }] as const)("$kind has no entries", (policy) => {
    expect(pathsOf(policy)).toEqual([]);
  });
});

describe("a subpath of the workspace roots", () => {
  test.each([
    [undefined, "/r"],
    ["", "/r"],
    ["a", "/r/a"],
    ["a/b", "/r/a/b"],
    ["a//b/", "/r/a/b"],
    ["..a", "/r/..a"],
    ["C:x", "/r/C:x"],
    ["\\x", "/r/\\x"],
  ])("%j leads to %s", (subpath, path) => {
    for (const access of ["read", "write", "deny"] as const) {
      expect(resolveEntries(restricted(roots(access, subpath)), posixBinding)).toMatchObject([
        { path: posix(path), access },
      ]);
    }
  });

  const unsafe = ["./x", "x/.", "..", "../x", "a/../b", "/abs", "/", "a\0b", "\ud800"];

  test.each(unsafe)("%j grants no writing", (subpath) => {
    expect(pathsOf(restricted(roots("write", subpath)))).toEqual([]);
  });

  test.each(unsafe)("%j for reading or denying denies the whole root, whether the path is there or not", (subpath) => {
    for (const access of ["read", "deny"] as const) {
      const entry = { ...roots(access, subpath), missing_path_behavior: "skip" } as const;
      expect(resolveEntries(restricted(entry), posixBinding)).toMatchObject([
        { path: posix("/r"), access: "deny", skipIfMissing: false },
      ]);
    }
  });

  test.each(["\\x", "/x", "C:x", "C:\\x", "a\\..\\b", "a:b"])("%j is unsafe on Windows", (subpath) => {
    expect(pathsOf(restricted(roots("write", subpath), roots("read", subpath)), windowsBinding)).toEqual([
      "deny file:///C:/r",
    ]);
  });

  test("an unknown place keeps its own subpath to itself", () => {
    const entry = special({ kind: "unknown", path: ":later", subpath: ".." }, "deny");
    expect(pathsOf(restricted(entry))).toEqual([]);
  });
});

describe("a name with a separator inside", () => {
  test("grants no writing, and narrows where the system would look", () => {
    const path = uri("file:///r/a%2Fb");
    expect(pathsOf(restricted(literalEntry(path, "write")))).toEqual([]);
    expect(pathsOf(restricted(literalEntry(path, "deny")))).toEqual(["deny file:///r/a/b"]);
  });

  test("in an opaque path stays as it is, for whoever enforces it to refuse", () => {
    const path = posix("/C:/x");
    expect(pathsOf(restricted(literalEntry(path, "write"), literalEntry(path, "deny")))).toEqual([`deny ${path}`]);
  });
});

test("more paths than a policy may have are refused", () => {
  const workspaceRoots = Array.from({ length: 250 }, (_, index) => posix(`/w${index}`));
  const entries = Array.from({ length: 250 }, (_, index) => roots("read", `d${index}`));
  expect(() => resolveEntries(restricted(...entries), { ...posixBinding, workspaceRoots })).toThrow(
    `the entries resolve to more than ${MAX_RESOLVED_ENTRIES} paths at entries`,
  );
});
