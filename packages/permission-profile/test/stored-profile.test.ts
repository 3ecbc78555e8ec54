import { parsePermissionProfile, parseStoredPermissionProfile } from "@holdfast/permission-profile";
import { describe, expect, test } from "vitest";
import { at, glob, literalEntry, managed, root, windows } from "./policies.ts";

function stored(value: unknown) {
  return parseStoredPermissionProfile(value, { convention: "posix" });
}

describe("a stored profile", () => {
  test("has native paths, or URIs", () => {
    const profile = (paths: string[]) => ({
      type: "managed",
      network: "restricted",
      file_system: {
        type: "restricted",
        entries: paths.map((path) => ({ path: { type: "path", path }, access: "read" })),
      },
    });
    expect(stored(profile(["/a b", "file:///c"]))).toEqual(managed(at("/a b", "read"), at("/c", "read")));
    expect(parseStoredPermissionProfile(profile(["C:\\a"]), { convention: "windows" })).toEqual(
      managed(literalEntry(windows("C:\\a"), "read")),
    );
    expect(() => stored(profile(["/a", "b"]))).toThrow(
      "path `b` is not absolute using POSIX path syntax at file_system.entries[1].path.path",
    );
  });

  test.each([{ type: "disabled" }, { type: "external", network: "enabled" }])(
    "of type $type reads as on the wire",
    (profile) => {
      expect(stored(profile)).toEqual(profile);
    },
  );

  test.each([{ type: "trusted" }, null, "x", { type: "managed", network: "restricted" }])("%j is refused", (value) => {
    expect(() => stored(value)).toThrow(/^(unknown variant|invalid type|missing field)/);
  });
});

describe("a profile from before profiles had a type", () => {
  test.each([
    [{}, managed()],
    [{ network: null, file_system: null }, managed()],
    [{ network: { enabled: null } }, managed()],
    [{ network: { enabled: false } }, managed()],
    [{ network: { enabled: true } }, { ...managed(), network: "enabled" }],
    [
      { file_system: { read: ["/srv/data"], write: ["/srv/out"] } },
      managed(at("/srv/data", "read"), at("/srv/out", "write")),
    ],
    [
      {
        file_system: {
          entries: [
            { path: { type: "special", value: { kind: "root" } }, access: "read" },
            { path: { type: "path", path: "/x" }, access: "none" },
            { path: { type: "glob_pattern", pattern: "*.x" }, access: "deny" },
          ],
          glob_scan_max_depth: 3,
        },
      },
      {
        type: "managed",
        network: "restricted",
        file_system: {
          type: "restricted",
          glob_scan_max_depth: 3,
          entries: [root("read"), at("/x", "deny"), glob("*.x")],
        },
      },
    ],
  ])("%j is a managed, restricted profile", (value, profile) => {
    expect(stored(value)).toEqual(profile);
  });

  test.each([
    [{ filesystem: {} }, "unknown field `filesystem`, expected one of `network`, `file_system` at filesystem"],
    [{ network: { on: true } }, "unknown field `on`, expected one of `enabled` at network.on"],
    [{ network: { enabled: "yes" } }, "invalid type: string, expected a boolean at network.enabled"],
    [{ network: true }, "invalid type: boolean, expected an object at network"],
    [{ file_system: [] }, "expected an object at file_system"],
    [{ file_system: { deny: [] } }, "unknown field `deny`"],
    [{ file_system: { read: "/a" } }, "invalid type: string, expected a sequence at file_system.read"],
    [{ file_system: { read: ["/a", 1] } }, "invalid type: number, expected a string at file_system.read[1]"],
    [{ file_system: { write: ["a"] } }, "path `a` is not absolute using POSIX path syntax at file_system.write[0]"],
    [{ file_system: { glob_scan_max_depth: 0 } }, "invalid value: integer `0`, expected a nonzero usize"],
    [{ file_system: { entries: [{ access: "read" }] } }, "at file_system.entries[0].path"],
  ])("%j is refused: %s", (value, message) => {
    expect(() => stored(value)).toThrow(message);
  });

  test("is no profile on the wire", () => {
    expect(() => parsePermissionProfile({ network: null, file_system: { read: [] } })).toThrow("missing field `type`");
  });
});
