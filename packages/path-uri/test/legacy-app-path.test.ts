import {
  legacyAppPathConvention,
  legacyAppPathFromNativeBytes,
  legacyAppPathFromUri,
  legacyAppPathToUri,
  parsePathUri,
  pathUriFromNative,
  renderLegacyAppPath,
} from "@holdfast/path-uri";
import { describe, expect, test } from "vitest";

describe("legacyAppPathFromUri", () => {
  test.each([
    ["file:///", "posix", "/"],
    ["file:///a%20b/%C3%BC", "posix", "/a b/ü"],
    ["file:///a/", "posix", "/a/"],
    ["file:///%2541", "posix", "/%41"],
    ["file:///%FF", "posix", "/\ufffd"],
    ["file:///C:", "windows", "C:\\"],
    ["file:///C:/", "windows", "C:\\"],
    ["file:///C%3A/a/b", "windows", "C:\\a\\b"],
    ["file://h/s/a", "windows", "\\\\h\\s\\a"],
    [pathUriFromNative("/C:/x", "posix"), "posix", "/C:/x"],
    [pathUriFromNative("\\\\.\\pipe\\x", "windows"), "windows", "\\\\.\\pipe\\x"],
  ] as const)("writes %s in %s syntax as %j", (uri, convention, text) => {
    expect(legacyAppPathFromUri(parsePathUri(uri), convention)).toBe(text);
  });

  test.each([
    ["file://h/s", "posix", "path URI `file://h/s` cannot be rendered using POSIX path syntax"],
    ["file:///a", "windows", "path URI `file:///a` cannot be rendered using Windows path syntax"],
    ["file://h/", "windows", "path URI `file://h/` cannot be rendered using Windows path syntax"],
    [
      "file:///%00/bad/path/L2EAYg",
      "windows",
      "opaque fallback path URI `file:///%00/bad/path/L2EAYg` cannot be recovered as a native path",
    ],
    [
      "file:///%00/bad/path/L2E",
      "posix",
      "opaque fallback path URI `file:///%00/bad/path/L2E` cannot be recovered as a native path",
    ],
  ] as const)("refuses %s in %s syntax", (uri, convention, message) => {
    expect(() => legacyAppPathFromUri(parsePathUri(uri), convention)).toThrow(message);
  });
});

describe("a string of the older application API", () => {
  test.each([
    ["/a", "posix"],
    ["//a", "posix"],
    ["C:\\a", "windows"],
    ["c:/a", "windows"],
    ["\\\\h\\s", "windows"],
    ["\\a", undefined],
    ["C:a", undefined],
    ["a", undefined],
    ["", undefined],
  ])("%j is of convention %s", (text, convention) => {
    expect(legacyAppPathConvention(text)).toBe(convention);
  });

  test("becomes a URI in its own or a stated convention", () => {
    expect(legacyAppPathToUri("/a/../b")).toBe("file:///b");
    expect(legacyAppPathToUri("c:/a")).toBe("file:///C:/a");
    expect(legacyAppPathToUri("//h/s", "windows")).toBe("file://h/s");
  });

  test("is refused when it is not absolute", () => {
    expect(() => legacyAppPathToUri("a")).toThrow(/^path `a` is not absolute$/);
    expect(() => legacyAppPathToUri("C:\\a", "posix")).toThrow("path `C:\\a` is not absolute using POSIX path syntax");
    expect(() => legacyAppPathToUri("/a", "windows")).toThrow("path `/a` is not absolute using Windows path syntax");
  });

  test("is shown normalized, or as it came", () => {
    expect(renderLegacyAppPath("/a/./b//c")).toBe("/a/b/c");
    expect(renderLegacyAppPath("c:/a/..")).toBe("C:\\");
    expect(renderLegacyAppPath("some/where")).toBe("some/where");
  });

  test("made from bytes replaces what is no UTF-8", () => {
    expect(legacyAppPathFromNativeBytes(Uint8Array.of(0x2f, 0xc3, 0xbc, 0xff))).toBe("/ü\ufffd");
  });
});
