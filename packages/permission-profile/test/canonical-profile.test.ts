import {
  canonicalProfile,
  denyGlobs,
  materialize,
  materializeWorkspaceRoots,
  type PolicyBinding,
  preserveDenies,
  profilesEqual,
} from "@holdfast/permission-profile";
import { describe, expect, test } from "vitest";
import {
  at,
  glob,
  literalEntry,
  managed,
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

function skipped<Entry extends object>(entry: Entry) {
  return { ...entry, missing_path_behavior: "skip" } as const;
}

describe("the canonical form of a profile", () => {
  test("has one entry for each target, with the strongest access, sorted", () => {
    const profile = managed(at("/b", "read"), root("read"), at("/a", "write"), at("/b", "deny"), at("/a", "read"));
    expect(canonicalProfile(profile)).toEqual(managed(at("/a", "write"), at("/b", "deny"), root("read")));
  });

  test("spells a path in one way", () => {
    const profile = managed(literalEntry(uri("file:///r//%61/"), "read"), at("/r/a", "write"));
    expect(canonicalProfile(profile)).toEqual(managed(at("/r/a", "write")));
  });

  test("keeps the marker of a missing path only where every entry of that strength has it", () => {
    expect(canonicalProfile(managed(skipped(at("/a", "read")), at("/a", "read")))).toEqual(managed(at("/a", "read")));
    expect(canonicalProfile(managed(skipped(at("/a", "read")), at("/a", "read")))).not.toHaveProperty(
      "file_system.entries[0].missing_path_behavior",
    );
    const both = managed(skipped(at("/a", "read")), skipped(at("/a", "read")));
    expect(canonicalProfile(both)).toEqual(managed(skipped(at("/a", "read"))));
  });

  test("drops members that say nothing", () => {
    const profile = {
      type: "managed",
      network: "enabled",
      file_system: {
        type: "restricted",
        glob_scan_max_depth: null,
        entries: [{ ...special({ kind: "project_roots", subpath: null }, "read"), missing_path_behavior: null }],
      },
    } as const;
    expect(
      canonicalProfile({
        ...profile,
        file_system: { ...profile.file_system, entries: [...profile.file_system.entries] },
      }),
    ).toEqual({
      type: "managed",
      network: "enabled",
      file_system: { type: "restricted", entries: [roots("read")] },
    });
  });

  test("keeps unknown places and patterns", () => {
    const profile = managed(special({ kind: "unknown", path: ":later", subpath: "x" }, "write"), glob("*", "read"));
    expect(canonicalProfile(profile)).toEqual(profile);
  });

  test.each([
    { type: "disabled" },
    { type: "external", network: "enabled" },
    { type: "managed", file_system: { type: "unrestricted" }, network: "restricted" },
  ] as const)("of type $type is the profile itself", (profile) => {
    expect(canonicalProfile(profile, posixBinding)).toEqual(profile);
  });
});

describe("equal profiles", () => {
  test("need a binding where one names what the other means", () => {
    const [symbolic, literal] = [managed(roots("write", "a")), managed(at("/r/a", "write"))];
    expect(profilesEqual(symbolic, literal)).toBe(false);
    expect(profilesEqual(symbolic, literal, posixBinding)).toBe(true);
  });

  test("may differ in the case of Windows paths, but not of POSIX paths", () => {
    const [a, b] = ["C:\\A", "c:\\a"].map((path) => managed(literalEntry(windows(path), "read")));
    expect(a && b && profilesEqual(a, b)).toBe(true);
    expect(profilesEqual(managed(at("/A", "read")), managed(at("/a", "read")))).toBe(false);
  });

  test.each([
    [{ type: "disabled" }, { type: "managed", file_system: { type: "unrestricted" }, network: "enabled" }],
    [managed(), { type: "managed", file_system: { type: "restricted", entries: [] }, network: "enabled" }],
    [managed(at("/a", "read")), managed(at("/a", "write"))],
    [managed(at("/a", "read")), managed(skipped(at("/a", "read")))],
    [
      managed(),
      {
        type: "managed",
        file_system: { type: "restricted", entries: [], glob_scan_max_depth: 1 },
        network: "restricted",
      },
    ],
  ] as const)("are not %j and %j", (a, b) => {
    expect(profilesEqual(a as ReturnType<typeof managed>, b as ReturnType<typeof managed>)).toBe(false);
  });
});

describe("a materialized policy", () => {
  const two: PolicyBinding = { ...posixBinding, workspaceRoots: [posix("/b"), posix("/a")] };

  test("has one entry for each root, in the order of the roots, and no symbolic root", () => {
    const policy = restricted(root("read"), skipped(roots("read", ".git")), special({ kind: "tmpdir" }, "write"));
    expect(
      materializeWorkspaceRoots(policy, two).kind === "restricted" && materializeWorkspaceRoots(policy, two),
    ).toEqual(
      restricted(
        root("read"),
        skipped(at("/b/.git", "read")),
        skipped(at("/a/.git", "read")),
        special({ kind: "tmpdir" }, "write"),
      ),
    );
    expect(materialize(policy, posixBinding)).toEqual(
      restricted(root("read"), skipped(at("/r/.git", "read")), at("/var/tmp/me", "write")),
    );
  });

  test("drops writing through unsafe subpaths and denies the root for the others", () => {
    expect(materializeWorkspaceRoots(restricted(roots("write", "..")), posixBinding)).toEqual(restricted());
    expect(materializeWorkspaceRoots(restricted(roots("read", "..")), posixBinding)).toEqual(
      restricted(at("/r", "deny")),
    );
  });

  test("keeps the depth of scans", () => {
    expect(materialize({ ...restricted(), globScanMaxDepth: 3 }, two)).toEqual({
      ...restricted(),
      globScanMaxDepth: 3,
    });
  });

  test.each([
    [{ ...posixBinding, workspaceRoots: [posix("/a[1]*{x}\\")] }, posix("/a[1]*{x}\\/k.env")],
    [{ ...windowsBinding, workspaceRoots: [windows("C:\\a[1]{x}")] }, windows("C:\\a[1]{x}\\k.env")],
  ])("has patterns below the roots that match what the ones of the workspace matched: %#", (binding, target) => {
    const policy = restricted(glob("codex-project-roots://*.env"));
    const materialized = materializeWorkspaceRoots(policy, binding);
    expect(materializeWorkspaceRoots(materialized, { ...binding, workspaceRoots: [] })).toEqual(materialized);
    expect(denyGlobs(policy, binding)[0]?.matches(target)).toBe(true);
    expect(denyGlobs(materialized, { ...binding, workspaceRoots: [] })[0]?.matches(target)).toBe(true);
  });
});

describe("denies that outlive a change", () => {
  const previous = { ...restricted(root("read"), at("/x", "deny"), glob("**/*.env")), globScanMaxDepth: 3 };

  test("turn an unrestricted policy into root write with them", () => {
    expect(preserveDenies(previous, { kind: "unrestricted" })).toEqual({
      ...restricted(root("write"), at("/x", "deny"), glob("**/*.env")),
      globScanMaxDepth: 3,
    });
  });

  test("are appended to a restricted policy that lacks them, whose own depth stands", () => {
    const next = { ...restricted(root("write"), at("/x", "deny")), globScanMaxDepth: 9 };
    expect(preserveDenies(previous, next)).toEqual({
      ...restricted(root("write"), at("/x", "deny"), glob("**/*.env")),
      globScanMaxDepth: 9,
    });
  });

  test("change nothing where there were none, or where somebody else enforces", () => {
    const next = { kind: "unrestricted" } as const;
    expect(preserveDenies(restricted(root("read")), next)).toBe(next);
    expect(preserveDenies({ kind: "external" }, next)).toBe(next);
    expect(preserveDenies(previous, { kind: "external" })).toEqual({ kind: "external" });
  });
});
