import {
  isPermissionProfileError,
  type PermissionProfileError,
  parsePermissionProfile,
} from "@holdfast/permission-profile";
import { describe, expect, test } from "vitest";
import { workspaceWriteProfile } from "./samples.ts";

function refusalOf(value: unknown): PermissionProfileError {
  try {
    parsePermissionProfile(value);
  } catch (error) {
    if (isPermissionProfileError(error)) return error;
    throw error;
  }
  throw new Error("nothing was refused");
}

function managed(fileSystem: unknown, network: unknown = "restricted") {
  return {
    type: "managed",
    network,
    file_system: fileSystem,
  };
}

function withEntry(entry: unknown) {
  return managed({ type: "restricted", entries: [entry] });
}

function withPath(path: unknown) {
  return withEntry({ path, access: "read" });
}

function withSpecial(value: unknown) {
  return withPath({ type: "special", value });
}

function withDepth(depth: unknown) {
  return managed({ type: "restricted", entries: [], glob_scan_max_depth: depth });
}

const rootPath = { type: "special", value: { kind: "root" } };

const ENTRY = "file_system.entries[0]";
const PROFILE_TYPES = "expected one of `managed`, `disabled`, `external`";
const PATH_TYPES = "expected one of `path`, `glob_pattern`, `special`";
const ACCESS = "expected one of `read`, `write`, `deny`, `none`";
const KINDS =
  "expected one of `root`, `minimal`, `current_working_directory`, `project_roots`, `tmpdir`, `slash_tmp`, `unknown`";

describe("a permission profile", () => {
  test("has so many entries and no more, whatever they are", () => {
    const some = (length: number, entry: unknown) =>
      managed({ type: "restricted", entries: Array.from({ length }, () => entry) });
    expect(() => parsePermissionProfile(some(4_096, { path: rootPath, access: "read" }))).not.toThrow();
    const refusal = refusalOf(some(4_097, null));
    expect(refusal.message).toBe("4097 entries, at most 4096 are taken at file_system.entries");
  });

  test.each([
    workspaceWriteProfile,
    { type: "managed", file_system: { type: "unrestricted" }, network: "enabled" },
    {
      type: "managed",
      file_system: { type: "restricted", entries: [], glob_scan_max_depth: null },
      network: "enabled",
    },
    { type: "disabled" },
    { type: "external", network: "restricted" },
    withEntry({ path: rootPath, access: "read", missing_path_behavior: null }),
    withSpecial({ kind: "project_roots", subpath: null }),
  ])("of type $type reads as it is", (profile) => {
    expect(parsePermissionProfile(profile)).toEqual(profile);
  });

  test("reads older words as the words of today", () => {
    const parsed = parsePermissionProfile(
      withEntry({
        path: { type: "special", value: { kind: "current_working_directory", subpath: "a" } },
        access: "none",
      }),
    );
    expect(parsed).toEqual(
      withEntry({ path: { type: "special", value: { kind: "project_roots", subpath: "a" } }, access: "deny" }),
    );
  });

  test("gives canonical paths", () => {
    const parsed = parsePermissionProfile(withPath({ type: "path", path: "file:/c:/a/../b" }));
    expect(parsed).toEqual(withPath({ type: "path", path: "file:///C:/b" }));
  });

  test("drops members it does not know, at every level", () => {
    const parsed = parsePermissionProfile({
      type: "managed",
      later: 1,
      network: "restricted",
      file_system: {
        type: "restricted",
        later: 1,
        entries: [{ path: { ...rootPath, later: 1 }, access: "read", later: 1 }],
      },
    });
    expect(parsed).toEqual(withPath(rootPath));
  });
});

describe("what is no permission profile", () => {
  test.each([
    [{}, "type", "missing field `type`"],
    [{ network: "enabled", file_system: {} }, "type", "missing field `type`"],
    [{ type: "bogus" }, "type", `unknown variant \`bogus\`, ${PROFILE_TYPES}`],
    [{ type: "x".repeat(100_000) }, "type", `unknown variant \`${"x".repeat(200)}…\`, ${PROFILE_TYPES}`],
    [{ type: "__proto__" }, "type", `unknown variant \`__proto__\`, ${PROFILE_TYPES}`],
    [{ type: "managed" }, "file_system", "missing field `file_system`"],
    [{ type: "managed", file_system: { type: "unrestricted" } }, "network", "missing field `network`"],
    [{ type: "external" }, "network", "missing field `network`"],
    [{ type: "external", network: "foo" }, "network", "unknown variant `foo`, expected `restricted` or `enabled`"],
    [managed({}), "file_system.type", "missing field `type`"],
    [managed({ type: "foo" }), "file_system.type", "unknown variant `foo`, expected `restricted` or `unrestricted`"],
    [managed({ type: "restricted" }), "file_system.entries", "missing field `entries`"],
    [managed({ type: "restricted", entries: null }), "file_system.entries", "invalid type: null, expected a sequence"],
    [withDepth(0), "file_system.glob_scan_max_depth", "invalid value: integer `0`, expected a nonzero usize"],
    [withDepth(-1), "file_system.glob_scan_max_depth", "invalid value: integer `-1`, expected a nonzero usize"],
    [withDepth(1.5), "file_system.glob_scan_max_depth", "invalid type: floating point `1.5`, expected a nonzero usize"],
    [withDepth("1"), "file_system.glob_scan_max_depth", 'invalid type: string "1", expected a nonzero usize'],
    [withEntry({}), `${ENTRY}.path`, "missing field `path`"],
    [withEntry({ path: rootPath }), `${ENTRY}.access`, "missing field `access`"],
    [withEntry({ path: rootPath, access: "exec" }), `${ENTRY}.access`, `unknown variant \`exec\`, ${ACCESS}`],
    [
      withEntry({ path: rootPath, access: "read", missing_path_behavior: "create" }),
      `${ENTRY}.missing_path_behavior`,
      "unknown variant `create`, expected `skip`",
    ],
    [withPath({}), `${ENTRY}.path.type`, "missing field `type`"],
    [withPath({ type: "foo" }), `${ENTRY}.path.type`, `unknown variant \`foo\`, ${PATH_TYPES}`],
    [withPath({ type: "path" }), `${ENTRY}.path.path`, "missing field `path`"],
    [withPath({ type: "path", path: "/a" }), `${ENTRY}.path.path`, "invalid URI: relative URL without a base"],
    [withPath({ type: "glob_pattern" }), `${ENTRY}.path.pattern`, "missing field `pattern`"],
    [withPath({ type: "special" }), `${ENTRY}.path.value`, "missing field `value`"],
    [withSpecial({}), `${ENTRY}.path.value.kind`, "missing field `kind`"],
    [withSpecial({ kind: "homedir" }), `${ENTRY}.path.value.kind`, `unknown variant \`homedir\`, ${KINDS}`],
    [
      withSpecial({ kind: "workspace_roots" }),
      `${ENTRY}.path.value.kind`,
      `unknown variant \`workspace_roots\`, ${KINDS}`,
    ],
    [withSpecial({ kind: "unknown" }), `${ENTRY}.path.value.path`, "missing field `path`"],
  ])("%j is refused at %s: %s", (value, place, reason) => {
    const refusal = refusalOf(value);
    expect(refusal.reason).toBe(reason);
    expect(refusal.message).toBe(`${reason} at ${place}`);
  });

  test.each([null, undefined, 5, "disabled", [], ["disabled"]])("%j is refused as a whole", (value) => {
    const refusal = refusalOf(value);
    expect(refusal.path).toEqual([]);
    expect(refusal.message).toBe(refusal.reason);
  });

  test("is told with the place as data too", () => {
    expect(refusalOf(withSpecial({})).path).toEqual(["file_system", "entries", 0, "path", "value", "kind"]);
  });
});
