import {
  ancestors,
  basename,
  lexicalDepth,
  overlaps,
  parent,
  parsePathUri,
  pathUriFromNative,
  pathUrisEqual,
  relativePathFrom,
  startsWith,
} from "@holdfast/path-uri";
import { describe, expect, test } from "vitest";

const u = parsePathUri;
const opaqueUri = pathUriFromNative("/a\0b", "posix");

describe("basename, parent and lexicalDepth", () => {
  test.each([
    ["file:///", undefined, undefined, 0],
    ["file:///a", "a", "file:///", 1],
    ["file:///a/b", "b", "file:///a", 2],
    ["file:///a/b//", "b", "file:///a", 2],
    ["file:///a//b", "b", "file:///a", 2],
    ["file:///a/b%20c", "b c", "file:///a", 2],
    ["file:///a/%FF", "%FF", "file:///a", 2],
    ["file:///a/%zz", "%zz", "file:///a", 2],
    ["file:///a/b%2Fc", "b%2Fc", "file:///a", undefined],
    ["file:///a/..%2F..%2Fc", "..%2F..%2Fc", "file:///a", undefined],
    ["file:///a%5Cb", "a\\b", "file:///", 1],
    ["file:///C:", undefined, undefined, 1],
    ["file:///C:/", undefined, undefined, 1],
    ["file:///C:/a", "a", "file:///C:/", 2],
    ["file:///C%3A/a/b", "b", "file:///C%3A/a", 3],
    ["file:///C:/a%5Cb", "a%5Cb", "file:///C:/", undefined],
    ["file:///C:/a%2Fb", "a%2Fb", "file:///C:/", undefined],
    ["file://h/", undefined, undefined, 0],
    ["file://h/s", undefined, undefined, 1],
    ["file://h/s/x", "x", "file://h/s", 2],
    [opaqueUri, undefined, undefined, undefined],
  ])("of %s", (text, name, up, depth) => {
    const uri = u(text);
    expect(basename(uri)).toBe(name);
    expect(parent(uri)).toBe(up);
    expect(lexicalDepth(uri)).toBe(depth);
  });

  test("ancestors end at the root, the drive or the share", () => {
    expect(ancestors(u("file:///a/b"))).toEqual(["file:///a/b", "file:///a", "file:///"]);
    expect(ancestors(u("file:///C:/a"))).toEqual(["file:///C:/a", "file:///C:/"]);
    expect(ancestors(u("file://h/s/a"))).toEqual(["file://h/s/a", "file://h/s"]);
    expect(ancestors(opaqueUri)).toEqual([opaqueUri]);
  });
});

describe("startsWith", () => {
  test.each([
    ["file:///a/b", "file:///a", "b"],
    ["file:///a", "file:///", "a"],
    ["file:///a/b/", "file:///a//", "b"],
    ["file:///a//b/c", "file:///a/b", "c"],
    ["file:///h%6fst/x", "file:///host", "x"],
    ["file:///a/x%20y/z", "file:///a", "x y/z"],
    ["file:///a/", "file:///a", ""],
    ["file:///C:/A/b", "file:///c:/a", "b"],
    ["file:///C%3A/a", "file:///C:", "a"],
    ["file://H/S/x/y", "file://h/s", "x\\y"],
    ["file://h/s", "file://h", "s"],
    [opaqueUri, opaqueUri, ""],
    ["file:///a%2Fb", "file:///a%2Fb", ""],
  ])("%s lies at or below %s, by %j", (text, base, relative) => {
    expect(startsWith(u(text), u(base))).toBe(true);
    expect(overlaps(u(base), u(text))).toBe(true);
    expect(relativePathFrom(u(text), u(base))).toBe(relative);
  });

  test.each([
    ["file:///ab", "file:///a", "a sibling with the same beginning"],
    ["file:///a", "file:///a/b", "the parent"],
    ["file:///A/b", "file:///a", "another case on POSIX"],
    ["file:///a/b%2Fc", "file:///a", "an encoded separator further down"],
    ["file:///a/b%2F..%2F..%2Fc", "file:///a", "an encoded way out"],
    ["file:///a%2Fb/c", "file:///a", "an encoded separator that is compared"],
    ["file:///a/b/c", "file:///a%2Fb", "an encoded separator in the base"],
    ["file:///C:/a%5Cb", "file:///C:/a", "an encoded backslash on Windows"],
    ["file:///C:/a%2Fb", "file:///C:/", "an encoded slash on Windows"],
    ["file://h/s/x", "file://g/s", "another host"],
    ["file:///C:/a", "file:///", "another convention"],
    ["file:///C:/Ä", "file:///C:/ä", "another case outside ASCII"],
    ["file:///D:/a", "file:///C:/", "another drive"],
    [opaqueUri, "file:///", "opaque below the root"],
    [opaqueUri, pathUriFromNative("/a\0", "posix"), "opaque below opaque"],
    ["file:///a", opaqueUri, "an opaque base"],
  ])("%s does not lie below %s: %s", (text, base) => {
    expect(startsWith(u(text), u(base))).toBe(false);
    expect(relativePathFrom(u(text), u(base))).toBeUndefined();
  });

  test("tells no relative path that is not UTF-8", () => {
    expect(startsWith(u("file:///a/%FF"), u("file:///a"))).toBe(true);
    expect(relativePathFrom(u("file:///a/%FF"), u("file:///a"))).toBeUndefined();
  });

  test("a backslash in a POSIX name separates nothing", () => {
    expect(startsWith(u("file:///a/b%5Cc"), u("file:///a"))).toBe(true);
  });

  test("overlaps takes either order, and is false for siblings", () => {
    expect(overlaps(u("file:///a"), u("file:///a/b"))).toBe(true);
    expect(overlaps(u("file:///a/b"), u("file:///a/c"))).toBe(false);
  });
});

describe("pathUrisEqual", () => {
  test.each([
    ["file:///a", "file:///a", true],
    ["file:///h%6fst", "file:///host", false],
    ["file:///A", "file:///a", false],
    ["file:///C:/A%20b/", "file:///c:/a%20B", true],
    ["file:///C%3A/h%6fst", "file:///C:/HOST", true],
    ["file://h/S", "file://H/s", true],
    ["file://h/s", "file://g/s", false],
    ["file:///C:/Ä", "file:///C:/ä", false],
    ["file:///C:/a%5Cb", "file:///C:/a/b", false],
    ["file:///C:/a", "file:///C:/a/b", false],
    [opaqueUri, opaqueUri, true],
    ["file:///C:/a", "file:///a", false],
  ])("%s and %s: %s", (a, b, expected) => {
    expect(pathUrisEqual(u(a), u(b))).toBe(expected);
    expect(pathUrisEqual(u(b), u(a))).toBe(expected);
  });
});
