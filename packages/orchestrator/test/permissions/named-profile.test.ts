import type { PathUri } from "@holdfast/path-uri";
import { describe, expect, test } from "vitest";
import { parseToml } from "../../src/config/toml-document.ts";
import { namedProfile } from "../../src/permissions/named-profile.ts";

const place = { pathConvention: "posix", userHomeDir: "file:///home/me" as PathUri } as const;

function profileOf(id: string, toml: string) {
  return namedProfile(id, parseToml(toml).root, place);
}

function problemOf(id: string, toml: string): string {
  try {
    return JSON.stringify(profileOf(id, toml));
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
}

describe("a profile of a configuration", () => {
  test("grants what it lists, by paths, places and patterns", () => {
    const { permissions, workspaceRoots } = profileOf(
      "a",
      `
      [permissions.a]
      description = "for the tests"
      workspace_roots = { "/srv/lib" = true, "/srv/old" = false }
      [permissions.a.filesystem]
      glob_scan_max_depth = 3
      ":minimal" = "read"
      ":tmpdir" = "write"
      ":future" = "read"
      ":workspace_roots" = { "." = "write", "docs" = "read", "**/*.env" = "deny" }
      "/srv/data" = { "." = "read", "secret" = "none" }
      "~/notes" = "read"
      "/srv/**/*.pem" = "deny"
      [permissions.a.network]
      enabled = true
    `,
    );
    expect(workspaceRoots).toEqual(["file:///srv/lib"]);
    expect(permissions).toEqual({
      type: "managed",
      network: "enabled",
      file_system: {
        type: "restricted",
        glob_scan_max_depth: 3,
        entries: [
          { path: { type: "special", value: { kind: "minimal" } }, access: "read" },
          { path: { type: "special", value: { kind: "tmpdir" } }, access: "write" },
          { path: { type: "special", value: { kind: "unknown", path: ":future" } }, access: "read" },
          { path: { type: "special", value: { kind: "project_roots" } }, access: "write" },
          { path: { type: "special", value: { kind: "project_roots", subpath: "docs" } }, access: "read" },
          { path: { type: "glob_pattern", pattern: "codex-project-roots://**/*.env" }, access: "deny" },
          { path: { type: "path", path: "file:///srv/data" }, access: "read" },
          { path: { type: "path", path: "file:///srv/data/secret" }, access: "deny" },
          { path: { type: "path", path: "file:///home/me/notes" }, access: "read" },
          { path: { type: "glob_pattern", pattern: "/srv/**/*.pem" }, access: "deny" },
        ],
      },
    });
  });

  test("grants nothing where it lists nothing", () => {
    expect(profileOf("a", "[permissions.a]").permissions).toEqual({
      type: "managed",
      network: "restricted",
      file_system: { type: "restricted", entries: [] },
    });
  });

  test("begins with another, and has the last word", () => {
    const toml = `
      [permissions.base]
      extends = ":read-only"
      [permissions.base.filesystem]
      "/srv" = "write"
      [permissions.base.network]
      enabled = true
      [permissions.a]
      extends = "base"
      [permissions.a.filesystem]
      "/srv" = "deny"
    `;
    expect(profileOf("a", toml).permissions).toEqual({
      type: "managed",
      network: "enabled",
      file_system: {
        type: "restricted",
        entries: [
          { path: { type: "special", value: { kind: "root" } }, access: "read" },
          { path: { type: "path", path: "file:///srv" }, access: "deny" },
        ],
      },
    });
  });

  const problems: readonly (readonly [string, string, string])[] = [
    [
      "an unknown word",
      '[permissions.a.filesystem]\n":root" = "exec"',
      "unknown variant `exec`, expected one of `read`, `write`, `deny`, `none` in `permissions.a.filesystem.:root`",
    ],
    [
      "a relative path",
      '[permissions.a.filesystem]\n"x/y" = "read"',
      "filesystem path `x/y` must be absolute, use `~/...`, or start with `:`",
    ],
    [
      "a relative pattern",
      '[permissions.a.filesystem]\n"**/*.pem" = "deny"',
      "filesystem path `**/*.pem` must be absolute, use `~/...`, or start with `:`",
    ],
    [
      "something below a place without a below",
      '[permissions.a.filesystem]\n":root" = { x = "read" }',
      "filesystem path `:root` does not support nested entries",
    ],
    [
      "a way out of the workspace",
      '[permissions.a.filesystem]\n":workspace_roots" = { "../x" = "write" }',
      "filesystem subpath `../x` must be a descendant path without `.` or `..` components",
    ],
    [
      "an absolute path in the workspace",
      '[permissions.a.filesystem]\n":workspace_roots" = { "/abs" = "write" }',
      "filesystem subpath `/abs` must be a descendant path without `.` or `..` components",
    ],
    ["no depth", "[permissions.a.filesystem]\nglob_scan_max_depth = 0", "glob_scan_max_depth must be at least 1"],
    ["itself above it", '[permissions.a]\nextends = "a"', "permissions profile inheritance cycle detected: a -> a"],
    ["nothing above it", '[permissions.a]\nextends = "b"', "permissions profile `a` extends undefined profile `b`"],
    [
      "the name of one of the server",
      '[permissions.":x"]\n[permissions.a]',
      "permissions profile `:x` uses a reserved built-in profile prefix",
    ],
    [
      "a network that can not be narrowed so",
      '[permissions.a.network]\nenabled = true\nmode = "limited"',
      "`network.mode` can not be enforced here; leave it out, or set `network.enabled` to false in `permissions.a`",
    ],
    ["no such name", "[permissions.b]", "default_permissions refers to undefined profile `a`"],
    ["no table", "", "default_permissions requires a `[permissions]` table"],
  ];
  test.each(problems)("is refused for %s", (_, toml, message) => {
    expect(problemOf("a", toml)).toBe(message);
  });
});
