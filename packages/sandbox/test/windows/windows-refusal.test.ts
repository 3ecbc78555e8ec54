import { pathUriFromNative } from "@holdfast/path-uri";
import { type BindingHost, bindContext, parseFileSystemSandboxContext } from "@holdfast/permission-profile";
import { describe, expect, test } from "vitest";
import type { SandboxIntent } from "../../src/intent.ts";
import { windowsRefusal } from "../../src/windows/windows-refusal.ts";

type Entry = readonly [path: string, access: "read" | "write" | "deny"];

const HOST: BindingHost = { convention: "windows", fallbackCwd: pathUriFromNative("C:\\project", "windows") };

function refusal(level: string, entries: readonly Entry[], more: Partial<SandboxIntent> = {}): string {
  const context = parseFileSystemSandboxContext({
    permissions: {
      type: "managed",
      file_system: { type: "restricted", entries: entries.map(entryOf) },
      network: "restricted",
    },
    cwd: "file:///C:/project",
    windowsSandboxLevel: level,
  });
  const intent: SandboxIntent = { context, argv: ["cmd.exe"], cwd: "C:\\project", env: {}, ...more };
  const error = windowsRefusal(intent, bindContext(context, HOST));
  expect(error.code).toBe("unenforceable");
  return error.message;
}

function entryOf([path, access]: Entry) {
  if (path === "root") return { path: { type: "special", value: { kind: "root" } }, access };
  if (path.includes("*")) return { path: { type: "glob_pattern", pattern: path }, access };
  return { path: { type: "path", path: `file:///${path}` }, access };
}

const NO_BACKEND = "sandbox intent cannot be enforced on this executor";

function token(what: string) {
  return `windows unelevated restricted-token sandbox cannot enforce ${what} directly; refusing to run unsandboxed`;
}

function reopening(backend: string) {
  return `windows ${backend} sandbox cannot reopen writable descendants under read-only carveouts directly; refusing to run unsandboxed`;
}

const READ_ONLY: Entry[] = [["root", "read"]];
const WORKSPACE: Entry[] = [...READ_ONLY, ["C:/project", "write"]];
const REOPENED: Entry[] = [...WORKSPACE, ["C:/project/a", "read"], ["C:/project/a/b", "write"]];

describe("on Windows", () => {
  test.each<[string, string, Entry[], string]>([
    ["a level of disabled", "disabled", WORKSPACE, NO_BACKEND],
    ["read-only", "restricted-token", READ_ONLY, NO_BACKEND],
    ["the workspace", "restricted-token", WORKSPACE, NO_BACKEND],
    ["a read-only carve-out", "restricted-token", [...WORKSPACE, ["C:/project/a", "read"]], NO_BACKEND],
    ["restricted reading", "restricted-token", [["C:/project", "write"]], token("split filesystem read restrictions")],
    ["other writable roots", "restricted-token", [...READ_ONLY, ["D:/x", "write"]], token("split writable root sets")],
    ["a denied folder", "restricted-token", [...WORKSPACE, ["C:/project/a", "deny"]], token("deny-read restrictions")],
    [
      "a denied pattern",
      "restricted-token",
      [...WORKSPACE, ["C:/project/*.env", "deny"]],
      token("deny-read restrictions"),
    ],
    ["a reopened folder", "restricted-token", REOPENED, reopening("unelevated restricted-token")],
    ["a reopened folder", "elevated", REOPENED, reopening("elevated")],
    ["restricted reading", "elevated", [["C:/project", "write"]], NO_BACKEND],
    ["native containers", "mxc", WORKSPACE, "native MXC is unavailable on this executor"],
  ])("%s under %s is refused by its reason", (_what, level, entries, message) => {
    expect(refusal(level, entries)).toBe(message);
  });

  test("a name of its own is refused by native containers", () => {
    expect(refusal("mxc", WORKSPACE, { arg0: "x" })).toBe("MXC custom argv0 is not supported");
  });

  test("a proxy needs the elevated backend", () => {
    const message = "managed networking requires the elevated Windows sandbox backend";
    expect(refusal("restricted-token", WORKSPACE, { enforceManagedNetwork: true })).toBe(message);
    expect(refusal("elevated", WORKSPACE, { enforceManagedNetwork: true })).toBe(NO_BACKEND);
  });
});
