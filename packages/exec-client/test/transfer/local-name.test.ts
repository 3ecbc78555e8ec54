import { join, parsePathUri } from "@holdfast/path-uri";
import { describe, expect, test } from "vitest";
import { localName, refusalOfName } from "../../src/transfer/local-name.ts";

const cwd = parsePathUri("file:///srv/there");

function nameFor(path: string, base = cwd): string {
  return localName(
    { side: "remote", path, text: `remote:${path}` },
    /^file:/.test(path) ? parsePathUri(path) : join(base, path),
  ).toString("latin1");
}

describe("the local name of a remote file", () => {
  test.each([
    ["a", "a"],
    ["/etc/hosts", "hosts"],
    ["a/b/", "b"],
    ["a\\b", "a\\b"],
    ["..%2Fx", "..%2Fx"],
    [".", "there"],
    ["", "there"],
    ["a/..", "there"],
    ["a/.", "a"],
    ["file:///x/y", "y"],
    ["file:///x/%FF", "\u00ff"],
  ])("of %j is the last that the user wrote, else the one that is told: %j", (path, name) => {
    expect(nameFor(path)).toBe(name);
  });

  test("is split as the executor's system does", () => {
    expect(nameFor("a\\b", parsePathUri("file:///C:/Users"))).toBe("b");
  });

  test.each(["", "."])("is refused where there is none: %j", (path) => {
    expect(() => nameFor(path, parsePathUri("file:///"))).toThrow(/has no name of its own; name the local file/);
  });

  test.each(["", ".", "..", "a/b", "/", "a\0b", "x".repeat(256)])("is refused where it is none: %j", (name) => {
    expect(refusalOfName(Buffer.from(name))).toMatch(/^that is/);
  });

  test.each(["...", ".a", "a\\b", "-", "x".repeat(255), "\n", " "])("may look odd: %j", (name) => {
    expect(refusalOfName(Buffer.from(name))).toBeUndefined();
  });
});
