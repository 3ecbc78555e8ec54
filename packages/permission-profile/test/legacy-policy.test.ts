import {
  compatibleSandboxPolicy,
  needsDirectEnforcement,
  type ParsedPermissionProfile,
  parseSandboxPolicy,
  profileFromSandboxPolicy,
  readOnlyProfile,
  type SandboxPolicy,
  sandboxPolicyFromProfile,
  sandboxPolicyToJson,
  workspaceWriteProfile,
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
  windows,
} from "./policies.ts";

const posixOptions = { convention: "posix" } as const;

function workspace(members: Record<string, unknown> = {}) {
  return {
    type: "workspace-write",
    writable_roots: [],
    network_access: false,
    exclude_tmpdir_env_var: false,
    exclude_slash_tmp: false,
    ...members,
  };
}

describe("reading a legacy policy", () => {
  test.each([
    [{ type: "danger-full-access" }, { type: "dangerFullAccess" }],
    [
      { type: "read-only", network_access: true },
      { type: "readOnly", networkAccess: true },
    ],
    [
      { type: "external-sandbox", network_access: "enabled" },
      { type: "externalSandbox", networkAccess: "enabled" },
    ],
    [
      workspace({ writable_roots: ["/a"], exclude_slash_tmp: true }),
      {
        type: "workspaceWrite",
        writableRoots: ["/a"],
        networkAccess: false,
        excludeTmpdirEnvVar: false,
        excludeSlashTmp: true,
      },
    ],
  ])("%j has two spellings", (core, app) => {
    expect(parseSandboxPolicy(core)).toEqual(core);
    expect(parseSandboxPolicy({ ...app, later: 1 })).toEqual(core);
    expect(sandboxPolicyToJson(parseSandboxPolicy(core), "app-v2")).toEqual(app);
    expect(sandboxPolicyToJson(parseSandboxPolicy(app), "core")).toEqual(core);
  });

  test("empty roots are not written in the core spelling", () => {
    expect(sandboxPolicyToJson({ type: "workspace-write" }, "core")).toEqual({
      type: "workspace-write",
      network_access: false,
      exclude_tmpdir_env_var: false,
      exclude_slash_tmp: false,
    });
  });

  test.each([
    [{ type: "readOnly", access: { type: "fullAccess" } }, "readOnly.access"],
    [{ type: "workspaceWrite", readOnlyAccess: null }, "workspaceWrite.readOnlyAccess"],
  ])("%j has a member that is gone", (value, member) => {
    expect(() => parseSandboxPolicy(value)).toThrow(
      `${member} is no longer supported; use permissionProfile for restricted reads`,
    );
  });

  test.each([
    [{ type: "bogus" }, "unknown variant `bogus`"],
    [{}, "missing field `type`"],
    [null, "invalid type: null, expected an object"],
    [{ type: "read-only", network_access: "yes" }, "expected a boolean at network_access"],
    [{ type: "external-sandbox", network_access: true }, "at network_access"],
    [{ type: "workspaceWrite", writableRoots: [1] }, "invalid type: number, expected a string at writable_roots[0]"],
  ])("%j is refused: %s", (value, message) => {
    expect(() => parseSandboxPolicy(value)).toThrow(message);
  });
});

describe("the profile of a legacy policy", () => {
  test.each<[SandboxPolicy, ParsedPermissionProfile]>([
    [{ type: "danger-full-access" }, { type: "disabled" }],
    [{ type: "external-sandbox" }, { type: "external", network: "restricted" }],
    [
      { type: "external-sandbox", network_access: "enabled" },
      { type: "external", network: "enabled" },
    ],
    [{ type: "read-only" }, readOnlyProfile()],
    [{ type: "read-only", network_access: true }, readOnlyProfile({ network: "enabled" })],
    [{ type: "workspace-write" }, workspaceWriteProfile()],
    [
      { type: "workspace-write", writable_roots: ["/x y"], network_access: true, exclude_slash_tmp: true },
      workspaceWriteProfile({ writableRoots: [posix("/x y")], network: "enabled", excludeSlashTmp: true }),
    ],
    [{ type: "workspace-write", exclude_tmpdir_env_var: true }, workspaceWriteProfile({ excludeTmpdir: true })],
  ])("%j", (policy, profile) => {
    expect(profileFromSandboxPolicy(policy, posixOptions)).toEqual(profile);
  });

  test("bound to a folder protects that folder by name, `.codex` even if it is missing", () => {
    const bound = profileFromSandboxPolicy({ type: "workspace-write" }, { ...posixOptions, cwd: posix("/c") });
    const plain = workspaceWriteProfile();
    const entries = (profile: ParsedPermissionProfile) =>
      profile.type === "managed" && profile.file_system.type === "restricted" ? profile.file_system.entries : [];
    const skip = { missing_path_behavior: "skip" };
    expect(entries(bound).slice(entries(plain).length)).toEqual([
      { ...at("/c/.git", "read"), ...skip },
      { ...at("/c/.agents", "read"), ...skip },
      at("/c/.codex", "read"),
      { ...at("/c/.aws", "read"), ...skip },
    ]);
  });

  test("is refused for a root that is not absolute", () => {
    const policy = { type: "workspace-write", writable_roots: ["/ok", "rel"] } as const;
    const given = { ...policy, writable_roots: [...policy.writable_roots] };
    expect(() => profileFromSandboxPolicy(given, posixOptions)).toThrow(
      "path `rel` is not absolute using POSIX path syntax at writable_roots[1]",
    );
  });
});

describe("the legacy policy of a profile", () => {
  const enabled = (profile: ReturnType<typeof managed>) =>
    ({ ...profile, network: "enabled" }) as ParsedPermissionProfile;

  test.each<[string, ParsedPermissionProfile, object]>([
    ["disabled", { type: "disabled" }, { type: "danger-full-access" }],
    ["external", { type: "external", network: "enabled" }, { type: "external-sandbox", network_access: "enabled" }],
    [
      "unrestricted, open",
      { type: "managed", file_system: { type: "unrestricted" }, network: "enabled" },
      { type: "danger-full-access" },
    ],
    [
      "unrestricted, closed",
      { type: "managed", file_system: { type: "unrestricted" }, network: "restricted" },
      { type: "external-sandbox", network_access: "restricted" },
    ],
    ["all writable, open", enabled(managed(root("write"))), { type: "danger-full-access" }],
    ["all writable, closed", managed(root("write")), { type: "external-sandbox", network_access: "restricted" }],
    ["nothing", managed(), { type: "read-only", network_access: false }],
    ["reading some", enabled(managed(at("/a", "read"))), { type: "read-only", network_access: true }],
    [
      "roots and more, denies lost",
      managed(roots("write"), at("/b", "write"), at("/a", "write"), at("/b", "write"), at("/x", "deny"), glob("**/y")),
      workspace({ writable_roots: ["/b", "/a"], exclude_tmpdir_env_var: true, exclude_slash_tmp: true }),
    ],
    [
      "roots and temporary folders",
      managed(roots("write"), special({ kind: "tmpdir" }, "write"), special({ kind: "slash_tmp" }, "write")),
      workspace(),
    ],
    [
      "the folder by name",
      managed(at("/r", "write")),
      workspace({ exclude_tmpdir_env_var: true, exclude_slash_tmp: true }),
    ],
    [
      "unknown places",
      managed(special({ kind: "unknown", path: ":x" }, "write")),
      { type: "read-only", network_access: false },
    ],
  ])("%s", (_, profile, expected) => {
    expect(sandboxPolicyFromProfile(profile, { ...posixOptions, cwd: posix("/r") })).toEqual(expected);
  });

  const scattered = managed(
    root("read"),
    at("/a", "write"),
    at("/a/x", "deny"),
    literalEntry(windows("C:\\x"), "read"),
  );

  test.each([
    ["a place outside", scattered],
    ["a place below the roots", managed(roots("write", "sub"))],
    ["a temporary folder", managed(special({ kind: "tmpdir" }, "write"))],
    ["all but something", managed(root("write"), at("/x", "read"))],
    ["the roots, which are denied too, and another place", managed(roots("write"), roots("deny"), at("/a", "write"))],
  ])("does not exist for writing to %s", (_, profile) => {
    expect(() => sandboxPolicyFromProfile(profile, posixOptions)).toThrow(
      "permissions profile requests filesystem writes outside the workspace root, which is not supported until the runtime " +
        "enforces FileSystemSandboxPolicy directly",
    );
  });

  test("for showing is made of the writable roots where there is none", () => {
    expect(compatibleSandboxPolicy(scattered, posixBinding)).toEqual(
      workspace({ writable_roots: ["/a"], exclude_tmpdir_env_var: true, exclude_slash_tmp: true }),
    );
    expect(compatibleSandboxPolicy(readOnlyProfile(), posixBinding)).toEqual({
      type: "read-only",
      network_access: false,
    });
  });
});

describe("direct enforcement", () => {
  test.each<[string, ParsedPermissionProfile, boolean]>([
    ["the built-in workspace profile", workspaceWriteProfile({ writableRoots: [posix("/x")] }), false],
    ["the built-in read-only profile", readOnlyProfile(), false],
    ["an unrestricted profile", { type: "disabled" }, false],
    ["scattered writes", managed(root("read"), at("/a", "write")), true],
    ["a deny", managed(root("read"), at("/a", "deny")), true],
    ["restricted reads", managed(at("/a", "read")), true],
    ["a workspace without protective entries", managed(root("read"), roots("write")), true],
  ])("is needed for %s: %#", (_, profile, expected) => {
    expect(needsDirectEnforcement(profile, posixBinding)).toBe(expected);
  });
});

test("a policy is not changed by asking for its legacy form", () => {
  const policy = restricted(at("/b", "write"), at("/a", "write"));
  const before = structuredClone(policy);
  compatibleSandboxPolicy(managed(...policy.entries), posixBinding);
  expect(policy).toEqual(before);
});
