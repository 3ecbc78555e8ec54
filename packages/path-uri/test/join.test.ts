import { join, joinDescendant, parsePathUri, pathUriFromNative } from "@holdfast/path-uri";
import { describe, expect, test } from "vitest";

const u = parsePathUri;
const opaqueUri = pathUriFromNative("/a\0b", "posix");

describe("join", () => {
  test.each([
    ["file:///a", "b", "file:///a/b"],
    ["file:///a/", "b/c", "file:///a/b/c"],
    ["file:///a", "", "file:///a"],
    ["file:///a/", "", "file:///a/"],
    ["file:///", "b", "file:///b"],
    ["file:///a", "./b/../c", "file:///a/c"],
    ["file:///a", "..", "file:///"],
    ["file:///a", "../../../b", "file:///b"],
    ["file:///a//b", "../c", "file:///a/c"],
    ["file:///a", "/b/../c", "file:///c"],
    ["file:///a", "b\\c", "file:///a/b%5Cc"],
    ["file:///a", "100%?#ü", "file:///a/100%25%3F%23%C3%BC"],
    ["file:///a", "%2e%2e/b", "file:///a/%252e%252e/b"],
    ["file:///%61", "b", "file:///%61/b"],
    ["file:///C:/a", "b\\c/d", "file:///C:/a/b/c/d"],
    ["file:///C:/a", "..\\..\\..\\b", "file:///C:/b"],
    ["file:///C:/a", "..", "file:///C:/"],
    ["file:///C:", "a", "file:///C:/a"],
    ["file:///C:/a", "\\b", "file:///C:/b"],
    ["file:///C:/a", "/b", "file:///C:/b"],
    ["file:///C:/a", "D:\\b", "file:///D:/b"],
    ["file:///C:/a", "\\\\h\\s\\b", "file://h/s/b"],
    ["file:///C:/a", "c:b", "file:///C:/a/b"],
    ["file:///C:/a", "C:..\\b", "file:///C:/b"],
    ["file:///C%3A/a", "C:b", "file:///C%3A/a/b"],
    ["file://h/s/a", "..\\..\\..\\b", "file://h/s/b"],
    ["file://h/s/a", "\\b", "file://h/s/b"],
    ["file://h/s", "C:\\b", "file:///C:/b"],
    [opaqueUri, "", opaqueUri],
    [opaqueUri, "/b", "file:///b"],
    [pathUriFromNative("\\\\.\\pipe", "windows"), "C:\\b", "file:///C:/b"],
  ])("%s and %j make %s", (base, text, joined) => {
    expect(join(u(base), text)).toBe(joined);
  });

  test("a POSIX name that would read as a drive makes an opaque URI", () => {
    expect(join(u("file:///"), "C:/x")).toBe(pathUriFromNative("/C:/x", "posix"));
    expect(join(u("file:///a"), "../C:")).toBe(pathUriFromNative("/C:", "posix"));
  });

  test.each([
    ["file:///a", "b\0"],
    ["file:///a", "/b\0"],
    ["file:///a", "\ud800"],
    ["file:///C:/a", "D:b"],
    ["file://h/s", "C:b"],
    [opaqueUri, "b"],
    [opaqueUri, ".."],
    [parsePathUri("file:///%00/bad/path/cmVs"), "/b"],
  ])("%s refuses %j", (base, text) => {
    expect(() => join(u(base), text)).toThrow(`path \`${text}\` must be relative when joining a path URI`);
  });
});

describe("joinDescendant", () => {
  test.each([
    ["file:///a", "b/c", "file:///a/b/c"],
    ["file:///a", "", "file:///a"],
    ["file:///a", ".", "file:///a"],
    ["file:///a", "b/..", "file:///a"],
    ["file:///a", "b:c", "file:///a/b:c"],
    ["file:///C:/a", "b\\c", "file:///C:/a/b/c"],
    ["file://h/s", "b", "file://h/s/b"],
    [opaqueUri, "", opaqueUri],
  ])("%s and %j make %s", (base, text, joined) => {
    expect(joinDescendant(u(base), text)).toBe(joined);
  });

  test.each([
    ["file:///a", "/a/b"],
    ["file:///a", ".."],
    ["file:///a", "../ab"],
    ["file:///a", "b/../../c"],
    ["file:///a", "b\0"],
    ["file:///", "C:"],
    ["file:///C:/a", "\\a\\b"],
    ["file:///C:/a", "/a/b"],
    ["file:///C:/a", "C:b"],
    ["file:///C:/a", "b:stream"],
    ["file:///C:/a", "b\\..\\..\\c"],
    ["file:///a%2Fb", "c"],
    [opaqueUri, "b"],
    [opaqueUri, "/a"],
  ])("%s refuses %j", (base, text) => {
    expect(() => joinDescendant(u(base), text)).toThrow(
      `path \`${text}\` must resolve to a relative descendant when joining a path URI`,
    );
  });
});
