import { bindContext, parseFileSystemSandboxContext } from "@holdfast/permission-profile";
import { describe, expect, test } from "vitest";
import { posix } from "./policies.ts";

function bind(members: Record<string, unknown>, host = {}) {
  const context = parseFileSystemSandboxContext({
    permissions: { type: "disabled" },
    windowsSandboxLevel: "disabled",
    ...members,
  });
  return bindContext(context, { convention: "posix", ...host });
}

describe("a context bound to a machine", () => {
  test("that says nothing has no roots, no home and no temporary folders", () => {
    expect(bind({})).toEqual({
      convention: "posix",
      cwd: undefined,
      workspaceRoots: [],
      home: undefined,
      tmpdir: [],
      slashTmp: undefined,
      platformRoots: [],
    });
  });

  test("takes its own folder and roots, in order", () => {
    const bound = bind(
      { cwd: "file:///c", workspaceRoots: ["file:///b", "file:///a"] },
      { fallbackCwd: posix("/other") },
    );
    expect(bound).toMatchObject({ cwd: posix("/c"), workspaceRoots: [posix("/b"), posix("/a")] });
  });

  test.each([{}, { cwd: null }])(
    "falls back to the host's folder for %j, and takes it as a root only of a peer that names no roots",
    (members) => {
      const bound = { cwd: posix("/p"), workspaceRoots: [posix("/p")] };
      expect(bind(members, { fallbackCwd: posix("/p") })).toMatchObject(bound);
      expect(bind({ ...members, workspaceRoots: [] }, { fallbackCwd: posix("/p") }).workspaceRoots).toEqual([]);
    },
  );

  test("has its folder as the only root where it does not name roots, and none where it names none", () => {
    expect(bind({ cwd: "file:///c" }).workspaceRoots).toEqual([posix("/c")]);
    expect(bind({ cwd: "file:///c", workspaceRoots: [] }).workspaceRoots).toEqual([]);
    expect(bind({ cwd: "file:///c", policyContext: { cwd: "file:///d" } }).workspaceRoots).toEqual([]);
  });

  test("follows the policy context alone where there is one, even an empty one", () => {
    const outer = { cwd: "file:///c", workspaceRoots: ["file:///c"] };
    const host = { fallbackCwd: posix("/p") };
    const inner = { cwd: "file:///i", workspaceRoots: ["file:///j"] };
    expect(bind({ ...outer, policyContext: inner }, host)).toMatchObject({
      cwd: posix("/i"),
      workspaceRoots: [posix("/j")],
    });
    expect(bind({ ...outer, policyContext: {} }, host)).toMatchObject({ cwd: posix("/p"), workspaceRoots: [] });
    expect(bind({ ...outer, policyContext: null }, host)).toMatchObject({ cwd: posix("/c") });
  });

  test("prefers the hints of the context to what the host knows", () => {
    const host = { home: posix("/home/host"), tmpdir: [posix("/host/tmp")], slashTmp: posix("/tmp") };
    expect(bind({}, host)).toMatchObject(host);
    expect(bind({ userHomeDir: null, temporaryDirectories: null }, host)).toMatchObject(host);
    const hints = { userHomeDir: "file:///h", temporaryDirectories: ["file:///t", "file:///u"] };
    expect(bind(hints, host)).toMatchObject({ home: posix("/h"), tmpdir: [posix("/t"), posix("/u")] });
    expect(bind({ temporaryDirectories: [] }, host).tmpdir).toEqual([]);
  });
});
