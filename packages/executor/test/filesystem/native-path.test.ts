import { describe, expect, test } from "vitest";
import { normalPath, selfAndAncestors } from "../../src/filesystem/native-path.ts";

function text(path: Buffer) {
  return path.toString("latin1");
}

describe("normalPath", () => {
  test.each([
    ["/", "/"],
    ["//a///b/", "/a/b"],
    ["/a/./b/../c", "/a/c"],
    ["/../..", "/"],
    ["/a/\xff/..b", "/a/\xff/..b"],
  ])("%j is %j", (path, expected) => {
    expect(text(normalPath(Buffer.from(path, "latin1")))).toBe(expected);
  });
});

describe("selfAndAncestors", () => {
  test.each([
    ["/", ["/"]],
    ["/a", ["/a", "/"]],
    ["/a/bc//d/", ["/a/bc/d", "/a/bc", "/a", "/"]],
  ])("of %j are %j", (path, expected) => {
    expect(selfAndAncestors(Buffer.from(path)).map(text)).toEqual(expected);
  });
});
