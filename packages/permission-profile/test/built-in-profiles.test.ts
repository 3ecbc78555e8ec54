import {
  fullAccessProfile,
  parsePermissionProfile,
  readOnlyProfile,
  workspaceWriteProfile,
} from "@holdfast/permission-profile";
import { describe, expect, test } from "vitest";
import { at, managed, posix, root, roots, special } from "./policies.ts";

function skipped<Entry extends object>(entry: Entry) {
  return { ...entry, missing_path_behavior: "skip" } as const;
}

const protective = [".git", ".agents", ".codex", ".aws"].map((name) => skipped(roots("read", name)));
const slashTmp = special({ kind: "slash_tmp" }, "write");
const tmpdir = special({ kind: "tmpdir" }, "write");

describe("built-in profiles", () => {
  test("read-only reads everywhere", () => {
    expect(readOnlyProfile()).toEqual(managed(root("read")));
    expect(readOnlyProfile({ network: "enabled" })).toEqual({ ...managed(root("read")), network: "enabled" });
  });

  test("workspace-write has the entries that real clients send, in their order", () => {
    expect(workspaceWriteProfile()).toEqual(managed(root("read"), roots("write"), slashTmp, tmpdir, ...protective));
  });

  test("workspace-write protects its further roots, and leaves out what is excluded", () => {
    const options = {
      writableRoots: [posix("/x")],
      excludeSlashTmp: true,
      excludeTmpdir: true,
      network: "enabled",
    } as const;
    const names = [".git", ".agents", ".codex", ".aws"].map((name) => skipped(at(`/x/${name}`, "read")));
    const expected = managed(root("read"), roots("write"), at("/x", "write"), ...protective, ...names);
    expect(workspaceWriteProfile(options)).toEqual({ ...expected, network: "enabled" });
  });

  test("workspace-write does not protect a place that is granted by name", () => {
    const profile = workspaceWriteProfile({ writableRoots: [posix("/x"), posix("/x/.git")] });
    const entries =
      profile.type === "managed" && profile.file_system.type === "restricted" ? profile.file_system.entries : [];
    const about = entries.filter(({ path }) => path.type === "path" && path.path === posix("/x/.git"));
    expect(about).toEqual([at("/x/.git", "write")]);
  });

  test("full access is no sandbox at all", () => {
    expect(fullAccessProfile()).toEqual({ type: "disabled" });
  });

  test("survive JSON and the parser of the wire", () => {
    for (const profile of [
      readOnlyProfile(),
      workspaceWriteProfile({ writableRoots: [posix("/ü")] }),
      fullAccessProfile(),
    ]) {
      expect(parsePermissionProfile(JSON.parse(JSON.stringify(profile)))).toEqual(profile);
    }
  });
});
