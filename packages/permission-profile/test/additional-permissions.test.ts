import {
  type AdditionalPermissions,
  accessOf,
  applyAdditionalPermissions,
  fileSystemPolicyOf,
  intersectAdditionalPermissions,
  intersectFileSystemPolicies,
  mergeAdditionalPermissions,
  networkPolicyOf,
  normalizeAdditionalPermissions,
  type ParsedPermissionProfile,
  parseAdditionalPermissions,
} from "@holdfast/permission-profile";
import { describe, expect, test } from "vitest";
import { at, glob, managed, posix, posixBinding, restricted, root, roots, special } from "./policies.ts";

type Entries = NonNullable<AdditionalPermissions["fileSystem"]>["entries"];

function grant(...entries: Entries): AdditionalPermissions {
  return { isNetworkEnabled: false, fileSystem: { entries } };
}

const nothing: AdditionalPermissions = { isNetworkEnabled: false, fileSystem: undefined };
const network: AdditionalPermissions = { isNetworkEnabled: true, fileSystem: undefined };

describe("reading additional permissions", () => {
  const parse = (value: unknown) => parseAdditionalPermissions(value, { convention: "posix" });

  test.each([
    [{}, nothing],
    [{ network: null, file_system: null }, nothing],
    [{ network: { enabled: true }, fileSystem: null }, network],
    [{ file_system: { read: ["/a"], write: null } }, grant(at("/a", "read"))],
    [{ fileSystem: { read: null, write: ["/b"] } }, grant(at("/b", "write"))],
    [
      { fileSystem: { globScanMaxDepth: 2, entries: [{ path: { type: "path", path: "/c" }, access: "deny" }] } },
      { isNetworkEnabled: false, fileSystem: { entries: [at("/c", "deny")], globScanMaxDepth: 2 } },
    ],
    [
      { file_system: { glob_scan_max_depth: 2, entries: [] } },
      { isNetworkEnabled: false, fileSystem: { entries: [], globScanMaxDepth: 2 } },
    ],
  ])("%j", (value, expected) => {
    expect(parse(value)).toEqual(expected);
  });

  test.each([
    [[], "expected an object"],
    [{ fileSystem: {}, file_system: {} }, "unknown field `file_system`"],
    [{ fileSystem: { write: ["rel"] } }, "path `rel` is not absolute using POSIX path syntax at fileSystem.write[0]"],
    [{ file_system: { entries: [{ path: { type: "path", path: "/a" }, access: "exec" }] } }, "unknown variant `exec`"],
  ])("%j is refused: %s", (value, message) => {
    expect(() => parse(value)).toThrow(message);
  });
});

describe("normalized additional permissions", () => {
  test("have no duplicates and no empty sections", () => {
    expect(normalizeAdditionalPermissions(grant(at("/a", "read"), at("/a", "read"), at("/a", "write")))).toEqual(
      grant(at("/a", "read"), at("/a", "write")),
    );
    expect(normalizeAdditionalPermissions(grant())).toEqual(nothing);
    expect(normalizeAdditionalPermissions(nothing)).toEqual(nothing);
  });

  test.each(["read", "write"] as const)("have no pattern with access %s", (access) => {
    expect(() => normalizeAdditionalPermissions(grant(at("/a", "read"), glob("*", access)))).toThrow(
      "glob file system permissions only support deny-read entries",
    );
    expect(normalizeAdditionalPermissions(grant(glob("*")))).toEqual(grant(glob("*")));
  });
});

describe("merged additional permissions", () => {
  test("are an ordered union", () => {
    expect(
      mergeAdditionalPermissions(grant(at("/b", "read"), at("/a", "read")), grant(at("/c", "read"), at("/b", "read"))),
    ).toEqual(grant(at("/b", "read"), at("/a", "read"), at("/c", "read")));
  });

  test.each([
    [nothing, nothing, false],
    [nothing, network, true],
    [network, nothing, true],
    [network, network, true],
  ])("open the network if either does: %#", (a, b, expected) => {
    expect(mergeAdditionalPermissions(a, b)).toEqual({ isNetworkEnabled: expected, fileSystem: undefined });
  });

  test.each([
    [undefined, 2, undefined],
    [1, 2, 2],
    [3, 2, 3],
  ])("scan as deep as the side that scans deeper: %j and %j", (a, b, expected) => {
    const side = (depth: number | undefined): AdditionalPermissions => ({
      isNetworkEnabled: false,
      fileSystem: { entries: [glob("*.x")], ...(depth === undefined ? {} : { globScanMaxDepth: depth }) },
    });
    expect(mergeAdditionalPermissions(side(a), side(b)).fileSystem?.globScanMaxDepth).toBe(expected);
  });
});

describe("a profile with additional permissions", () => {
  const openNetwork = (profile: ParsedPermissionProfile, added: AdditionalPermissions) =>
    networkPolicyOf(applyAdditionalPermissions(profile, added));

  test("has the entries that it did not have, appended", () => {
    expect(applyAdditionalPermissions(managed(root("read")), grant(at("/a", "write"), root("read")))).toEqual(
      managed(root("read"), at("/a", "write")),
    );
  });

  test("does not reopen a deeper deny by a broad grant, but by its name", () => {
    const base = managed(root("read"), at("/a/b", "deny"));
    const access = (added: AdditionalPermissions) =>
      accessOf(fileSystemPolicyOf(applyAdditionalPermissions(base, added)), posixBinding, posix("/a/b/c")).access;
    expect(access(grant(at("/a", "write")))).toBe("deny");
    expect(access(grant(root("write")))).toBe("deny");
    expect(access(grant(at("/a/b", "write")))).toBe("deny");
    expect(access(grant(at("/a/b/c", "write")))).toBe("write");
  });

  test.each([
    { type: "external", network: "restricted" },
    { type: "managed", file_system: { type: "unrestricted" }, network: "restricted" },
    { type: "disabled" },
  ] as const)("keeps its file section where it is not restricted: $type", (profile) => {
    expect(applyAdditionalPermissions(profile, grant(at("/a", "write")))).toEqual(profile);
  });

  test("has an open network if either opens it", () => {
    expect(openNetwork(managed(), nothing)).toBe("restricted");
    expect(openNetwork(managed(), network)).toBe("enabled");
    expect(openNetwork({ ...managed(), network: "enabled" } as ParsedPermissionProfile, nothing)).toBe("enabled");
    expect(openNetwork({ type: "external", network: "restricted" }, network)).toBe("enabled");
    expect(openNetwork({ type: "disabled" }, nothing)).toBe("enabled");
  });
});

describe("intersected permissions", () => {
  const common = (requested: Entries, granted: Entries) =>
    intersectAdditionalPermissions(grant(...requested), grant(...granted), posixBinding).fileSystem?.entries;

  test("are what was asked for and is granted", () => {
    expect(common([at("/a", "read")], [at("/a", "read")])).toEqual([at("/a", "read")]);
    expect(common([at("/a/b", "write")], [at("/a", "write")])).toEqual([at("/a/b", "write")]);
    expect(common([at("/a", "write")], [at("/a", "read")])).toEqual([at("/a", "read")]);
    expect(common([at("/a", "read")], [at("/b", "read")])).toBeUndefined();
    expect(common([roots("write", "x")], [at("/r", "write")])).toEqual([at("/r/x", "write")]);
  });

  test("keep what either side closes inside", () => {
    expect(common([at("/a", "write")], [at("/a", "write"), at("/a/x", "deny")])).toEqual([
      at("/a", "write"),
      at("/a/x", "deny"),
    ]);
    expect(common([at("/a", "write"), at("/a/x", "read")], [root("write"), glob("*.y")])).toEqual([
      at("/a", "write"),
      at("/a/x", "read"),
      glob("*.y"),
    ]);
  });

  test("open the network only if both do", () => {
    for (const [a, b] of [
      [network, nothing],
      [nothing, network],
      [network, network],
    ] as const) {
      expect(intersectAdditionalPermissions(a, b, posixBinding).isNetworkEnabled).toBe(a === network && b === network);
    }
  });

  test("do not exist for the platform's files and for what somebody else enforces", () => {
    expect(() => common([special({ kind: "minimal" }, "read")], [root("read")])).toThrow(
      "platform-default filesystem permissions cannot be intersected safely",
    );
    expect(() => intersectFileSystemPolicies({ kind: "external" }, restricted(), posixBinding)).toThrow(
      "externally enforced filesystem permissions cannot be intersected safely",
    );
  });

  test("with a policy that is open are the other policy", () => {
    const policy = restricted(at("/a", "read"));
    expect(intersectFileSystemPolicies({ kind: "unrestricted" }, policy, posixBinding)).toBe(policy);
    expect(intersectFileSystemPolicies(policy, { kind: "unrestricted" }, posixBinding)).toBe(policy);
  });
});
