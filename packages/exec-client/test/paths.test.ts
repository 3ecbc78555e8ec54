import { describe, expect, test } from "vitest";
import { conventionOfEnvironment, toPathUri } from "../src/paths.ts";

describe("a path on the executor", () => {
  test.each([
    ["/a/b c", "posix", "file:///a/b%20c"],
    ["/a/%41", "posix", "file:///a/%2541"],
    ["C:\\a\\b", "windows", "file:///C:/a/b"],
    ["\\\\host\\share\\a", "windows", "file://host/share/a"],
    ["file:///a%20b", "posix", "file:///a%20b"],
    ["FILE:///a", "windows", "file:///a"],
    ["/a", undefined, "file:///a"],
    ["C:/a", undefined, "file:///C:/a"],
  ] as const)("%s of %s is %s", (path, convention, uri) => {
    expect(toPathUri(path, convention, "path")).toBe(uri);
  });

  test.each([
    ["a/b", "posix"],
    ["", "posix"],
    ["~", "posix"],
    ["C:\\a", "posix"],
    ["/a", "windows"],
    ["C:a", "windows"],
    ["a", undefined],
    ["http://x/a", undefined],
    ["file:///a?b", "posix"],
  ] as const)("%s of %s is refused by name", (path, convention) => {
    expect(() => toPathUri(path, convention, "source")).toThrow(
      expect.objectContaining({ name: "InvalidArgumentError", code: "invalid-argument", argument: "source" }),
    );
  });

  test("may be a file: URL, and no other", () => {
    expect(toPathUri(new URL("file:///a"), "posix", "path")).toBe("file:///a");
    expect(() => toPathUri(new URL("http://a/b"), "posix", "path")).toThrow(
      expect.objectContaining({ argument: "path" }),
    );
  });
});

describe("the convention of an executor comes", () => {
  const none = { platformOs: undefined, cwd: undefined, shellPath: "sh" };
  const cwd = toPathUri("C:\\x", "windows", "path");

  test("first from its system, then from its folder, then from its shell", () => {
    expect(conventionOfEnvironment({ platformOs: "linux", cwd, shellPath: "C:\\cmd" })).toBe("posix");
    expect(conventionOfEnvironment({ ...none, platformOs: "windows" })).toBe("windows");
    expect(conventionOfEnvironment({ ...none, cwd, shellPath: "/bin/sh" })).toBe("windows");
    expect(conventionOfEnvironment({ ...none, shellPath: "/bin/sh" })).toBe("posix");
    expect(conventionOfEnvironment({ ...none, shellPath: "C:\\Windows\\cmd.exe" })).toBe("windows");
    expect(conventionOfEnvironment(none)).toBeUndefined();
  });
});
