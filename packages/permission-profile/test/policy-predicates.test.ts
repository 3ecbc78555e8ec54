import {
  type FileSystemPolicy,
  hasFullDiskRead,
  hasFullDiskWrite,
  includesPlatformDefaults,
  isCwdDependent,
  needsPlatformSandbox,
  type ParsedPermissionProfile,
  profileOf,
} from "@holdfast/permission-profile";
import { describe, expect, test } from "vitest";
import { at, glob, literalEntry, restricted, root, roots, special, windows } from "./policies.ts";

const minimal = special({ kind: "minimal" }, "read");
const unknown = special({ kind: "unknown", path: ":later" }, "read");
const slashTmp = special({ kind: "slash_tmp" }, "read");

describe("what may be read and written on the whole disk", () => {
  test.each<[string, FileSystemPolicy, boolean, boolean]>([
    ["unrestricted", { kind: "unrestricted" }, true, true],
    ["external", { kind: "external" }, true, true],
    ["nothing", restricted(), false, false],
    ["root read", restricted(root("read")), true, false],
    ["root write", restricted(root("write")), true, true],
    ["root denied", restricted(root("deny")), false, false],
    ["root write and denied", restricted(root("write"), root("deny")), false, false],
    ["root write and read", restricted(root("write"), root("read")), true, true],
    ["a literal root write", restricted(at("/", "write")), false, false],
    ["root write, a place read", restricted(root("write"), at("/etc", "read")), true, false],
    ["root write, a place denied", restricted(root("write"), at("/etc", "deny")), false, false],
    [
      "root write, a place read and written",
      restricted(root("write"), at("/etc", "read"), at("/etc", "write")),
      true,
      true,
    ],
    [
      "root write, a place written and denied",
      restricted(root("write"), at("/etc", "write"), at("/etc", "deny")),
      false,
      false,
    ],
    ["root write, a deny pattern", restricted(root("write"), glob("**/x")), false, false],
    ["root write, a read pattern", restricted(root("write"), glob("**/x", "read")), true, false],
    ["root write, roots read", restricted(root("write"), roots("read", ".git")), true, false],
    ["root write, an unsafe subpath for reading", restricted(root("write"), roots("read", "..")), false, false],
    ["root write, an unsafe subpath for writing", restricted(root("write"), roots("write", "..")), true, true],
    ["root write, minimal and unknown", restricted(root("write"), minimal, unknown), true, true],
    [
      "root write, a denied unknown place",
      restricted(root("write"), special({ kind: "unknown", path: ":x" }, "deny")),
      false,
      true,
    ],
    ["root write, /tmp read", restricted(root("write"), slashTmp), true, false],
    ["minimal only", restricted(minimal), false, false],
    ["a place written", restricted(at("/r", "write")), false, false],
  ])("%s", (_, policy, read, write) => {
    expect([hasFullDiskRead(policy), hasFullDiskWrite(policy, "posix")]).toEqual([read, write]);
  });

  test("on Windows is not narrowed by `/tmp`, which does not exist there", () => {
    expect(hasFullDiskWrite(restricted(root("write"), slashTmp), "windows")).toBe(true);
  });
});

describe("the platform's runtime files", () => {
  test.each<[string, FileSystemPolicy, boolean]>([
    ["readable by name", restricted(minimal), true],
    ["nowhere named", restricted(at("/r", "read")), false],
    ["named, but everything is readable", restricted(root("read"), minimal), false],
    ["named, root readable, something denied", restricted(root("read"), minimal, at("/x", "deny")), true],
    ["denied", restricted(special({ kind: "minimal" }, "deny"), minimal), false],
    ["unrestricted", { kind: "unrestricted" }, false],
  ])("%s: %#", (_, policy, expected) => {
    expect(includesPlatformDefaults(policy)).toBe(expected);
  });
});

describe("the dependence on the policy's folder", () => {
  test.each<[string, FileSystemPolicy, boolean]>([
    ["workspace roots", restricted(roots("read")), true],
    ["a place below them", restricted(roots("deny", "x")), true],
    ["a relative pattern", restricted(glob("*.env")), true],
    ["a pattern of the workspace", restricted(glob("codex-project-roots://x")), true],
    ["an absolute pattern", restricted(glob("/x/*")), false],
    ["a pattern at home", restricted(glob("~/x")), false],
    ["a Windows pattern", restricted(glob("C:\\x\\*")), true],
    [
      "literal and other symbolic places",
      restricted(at("/x", "deny"), root("read"), minimal, slashTmp, unknown),
      false,
    ],
    ["unrestricted", { kind: "unrestricted" }, false],
  ])("%s", (_, policy, expected) => {
    expect(isCwdDependent(policy, "posix")).toBe(expected);
  });

  test.each([
    ["C:\\x\\*", false],
    ["c:/x", false],
    ["\\\\host\\share\\*", false],
    ["~\\x", false],
    ["\\x", true],
    ["C:x", true],
    ["x", true],
  ])("on Windows: %s", (pattern, expected) => {
    expect(isCwdDependent(restricted(glob(pattern)), "windows")).toBe(expected);
  });
});

describe("the need for a platform sandbox", () => {
  const open: FileSystemPolicy = restricted(root("write"));
  const narrow: FileSystemPolicy = restricted(literalEntry(windows("C:\\x"), "read"));
  const unrestricted: FileSystemPolicy = { kind: "unrestricted" };
  const external: FileSystemPolicy = { kind: "external" };

  test.each<[string, ParsedPermissionProfile, boolean]>([
    ["disabled", { type: "disabled" }, false],
    ["external, closed network", profileOf(external, "restricted"), false],
    ["external, open network", profileOf(external, "enabled"), false],
    ["unrestricted, closed network", profileOf(unrestricted, "restricted"), true],
    ["unrestricted, open network", profileOf(unrestricted, "enabled"), false],
    ["all writable, closed network", profileOf(open, "restricted"), true],
    ["all writable, open network", profileOf(open, "enabled"), false],
    ["narrow, closed network", profileOf(narrow, "restricted"), true],
    ["narrow, open network", profileOf(narrow, "enabled"), true],
  ])("%s", (_, profile, expected) => {
    expect(needsPlatformSandbox(profile, { convention: "posix" })).toBe(expected);
    expect(needsPlatformSandbox(profile, { convention: "posix", enforceManagedNetwork: true })).toBe(true);
  });
});
