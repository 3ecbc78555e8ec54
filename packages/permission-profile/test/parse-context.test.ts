import { PermissionProfileError, parseFileSystemSandboxContext } from "@holdfast/permission-profile";
import { describe, expect, test } from "vitest";
import { fullContext } from "./samples.ts";

const minimal = { permissions: { type: "disabled" }, windowsSandboxLevel: "disabled" };

describe("a sandbox context", () => {
  test("reads with every member, and with only the required ones", () => {
    expect(parseFileSystemSandboxContext(fullContext)).toEqual(fullContext);
    expect(parseFileSystemSandboxContext(minimal)).toEqual(minimal);
  });

  test.each([
    { cwd: null },
    { policyContext: null },
    { policyContext: {} },
    { userHomeDir: null },
    { temporaryDirectories: null },
    { windowsSandboxPrivateDesktop: null },
    { windowsSandboxProxySettingsMode: null },
  ])("may have %j", (members) => {
    expect(parseFileSystemSandboxContext({ ...minimal, ...members })).toEqual({ ...minimal, ...members });
  });

  test("gives canonical paths wherever it has paths", () => {
    const parsed = parseFileSystemSandboxContext({
      ...minimal,
      cwd: "FILE:/a",
      workspaceRoots: ["file:a"],
      policyContext: { cwd: "file:a", workspaceRoots: ["file:a"] },
      userHomeDir: "file:a",
      temporaryDirectories: ["file:a"],
    });
    expect(parsed).toEqual({
      ...minimal,
      cwd: "file:///a",
      workspaceRoots: ["file:///a"],
      policyContext: { cwd: "file:///a", workspaceRoots: ["file:///a"] },
      userHomeDir: "file:///a",
      temporaryDirectories: ["file:///a"],
    });
  });

  test("keeps empty roots apart from absent roots", () => {
    expect(parseFileSystemSandboxContext({ ...minimal, workspaceRoots: [] })).toHaveProperty("workspaceRoots", []);
    expect(parseFileSystemSandboxContext(minimal)).not.toHaveProperty("workspaceRoots");
  });

  test("drops members it does not know", () => {
    expect(parseFileSystemSandboxContext({ ...minimal, later: 1 })).toEqual(minimal);
  });
});

describe("what is no sandbox context", () => {
  const noBase = "invalid URI: relative URL without a base";
  test.each([
    [{ permissions: undefined }, "missing field `permissions` at permissions"],
    [{ windowsSandboxLevel: undefined }, "missing field `windowsSandboxLevel` at windowsSandboxLevel"],
    [
      { windowsSandboxLevel: "x" },
      "unknown variant `x`, expected one of `disabled`, `restricted-token`, `elevated`, `mxc` at windowsSandboxLevel",
    ],
    [
      { windowsSandboxProxySettingsMode: "x" },
      "unknown variant `x`, expected `reconcile` or `preserve` at windowsSandboxProxySettingsMode",
    ],
    [
      { sandboxOverride: "x" },
      "unknown variant `x`, expected one of `noOverride`, `escalatedSandboxWithRestrictions`, " +
        "`bypassSandboxFirstAttempt` at sandboxOverride",
    ],
    [{ permissions: { type: "bogus" } }, /^unknown variant `bogus`.* at permissions\.type$/],
    [{ cwd: "rel" }, `${noBase} at cwd`],
    [{ cwd: 1 }, "invalid type: number, expected a string at cwd"],
    [{ workspaceRoots: ["file:///a", "x"] }, `${noBase} at workspaceRoots[1]`],
    [{ workspaceRoots: null }, "invalid type: null, expected a sequence at workspaceRoots"],
    [{ workspaceRoots: "x" }, 'invalid type: string "x", expected a sequence at workspaceRoots'],
    [{ policyContext: { cwd: "x" } }, `${noBase} at policyContext.cwd`],
    [
      { policyContext: { workspaceRoots: null } },
      "invalid type: null, expected a sequence at policyContext.workspaceRoots",
    ],
    [{ userHomeDir: "x" }, `${noBase} at userHomeDir`],
    [{ temporaryDirectories: ["x"] }, `${noBase} at temporaryDirectories[0]`],
    [{ useLegacyLandlock: null }, "invalid type: null, expected a boolean at useLegacyLandlock"],
  ])("%j is refused: %s", (members, message) => {
    expect(() => parseFileSystemSandboxContext({ ...minimal, ...members })).toThrow(message);
  });

  test.each([null, undefined, 5, "x", []])("%j is refused as a whole", (value) => {
    expect(() => parseFileSystemSandboxContext(value)).toThrow(PermissionProfileError);
  });
});
