import {
  conventionOf,
  displayPath,
  parsePathUri,
  pathUriFromInferredNative,
  pathUriFromNative,
  pathUriFromNativeBytes,
  toNativeBytes,
  toNativePath,
} from "@holdfast/path-uri";
import { describe, expect, test } from "vitest";

const bytes = (text: string) => Uint8Array.from(text, (char) => char.charCodeAt(0));
const opaque = (payload: Uint8Array) => `file:///%00/bad/path/${Buffer.from(payload).toString("base64url")}`;
const opaqueUtf16 = (text: string) => opaque(Buffer.from(text, "utf16le"));

describe("a POSIX path", () => {
  test.each([
    ["/", "file:///"],
    ["/a/b", "file:///a/b"],
    ["/a/b/", "file:///a/b/"],
    ["/a//./b/../c", "file:///a/c"],
    ["/../..", "file:///"],
    ["/100%", "file:///100%25"],
    ["/%zz", "file:///%25zz"],
    ["/a?b#c", "file:///a%3Fb%23c"],
    ["/a\\b", "file:///a%5Cb"],
    ["/ü", "file:///%C3%BC"],
    ['/ "#%<>?`{}\u007f', "file:///%20%22%23%25%3C%3E%3F%60%7B%7D%7F"],
    ["/!$&'()*+,;=@:[]^|~.-_", "file:///!$&'()*+,;=@:[]^|~.-_"],
    ["/C|/x", "file:///C|/x"],
    ["/C:x", "file:///C:x"],
    ["/x/C:", "file:///x/C:"],
    ["/C%3A/x", "file:///C%253A/x"],
  ])("%j is %j", (text, uri) => {
    expect(pathUriFromNative(text, "posix")).toBe(uri);
    expect(pathUriFromInferredNative(text)).toBe(uri);
    expect(parsePathUri(uri)).toBe(uri);
  });

  test.each([
    ["/C:/x", "/C:/x"],
    ["/c:", "/c:"],
    ["/x/../C:/a/", "/C:/a"],
    ["/a\0b", "/a\0b"],
    ["/a//b/.\0/", "/a/b/.\0"],
  ])("%j has no spelling and is carried as the bytes %j", (text, payload) => {
    const uri = pathUriFromNative(text, "posix");
    expect(uri).toBe(opaque(bytes(payload)));
    expect(parsePathUri(uri)).toBe(uri);
    expect(conventionOf(uri)).toBe("posix");
    expect(toNativePath(uri, "linux")).toBe(payload);
  });

  test.each(["", "a", "./a", "~/a", "C:\\a", "/\ud800"])("%j is refused", (text) => {
    expect(() => pathUriFromNative(text, "posix")).toThrow(`path \`${text}\` is not absolute using POSIX path syntax`);
  });

  test("keeps bytes that are no UTF-8, and gives them back", () => {
    const native = bytes("/a\xff\xfe/\xc3\xbc");
    const uri = pathUriFromNativeBytes(native);
    expect(uri).toBe("file:///a%FF%FE/%C3%BC");
    expect(toNativeBytes(uri)).toEqual(native);
    expect(toNativeBytes(parsePathUri("file:///%ff%fe"))).toEqual(bytes("/\xff\xfe"));
    expect(() => toNativePath(uri, "macos")).toThrow(`'${uri}' is invalid on 'macos'`);
    expect(displayPath(uri)).toBe(uri);
  });

  test("given as relative bytes is refused", () => {
    expect(() => pathUriFromNativeBytes(bytes("a"))).toThrow("path `a` is not absolute using POSIX path syntax");
  });
});

describe("an opaque payload on a POSIX host", () => {
  test.each([
    "/a",
    "/",
    "/a//b",
    "/a/../b",
    "/./a",
    "/1:/x",
    "/a/C:/x",
    "/C:/a/",
    "/C:/a/../b",
    "/c%3A/x",
    "/\xff",
    "rel",
    "rel\0",
    "\0",
    "/x/../\0y",
    "/a/b\0/",
  ])("that holds %j is refused, because it is ordinary or no canonical path", (payload) => {
    const uri = parsePathUri(opaque(bytes(payload)));
    expect(() => toNativeBytes(uri)).toThrow(`'${uri}' is invalid on 'linux'`);
  });

  test("that could be either system's tells no convention", () => {
    const uri = parsePathUri(opaque(bytes("/\0a")));
    expect(conventionOf(uri)).toBeUndefined();
    expect(() => toNativeBytes(uri)).toThrow("is invalid on 'linux'");
    expect(displayPath(uri)).toBe(uri);
  });
});

describe("a Windows path", () => {
  test.each([
    ["C:\\", "file:///C:/", "C:\\"],
    ["c:/a/b", "file:///C:/a/b", "C:\\a\\b"],
    ["C:\\a\\..\\..\\b\\", "file:///C:/b/", "C:\\b"],
    ["C:\\a b\\100%", "file:///C:/a%20b/100%25", "C:\\a b\\100%"],
    ["C:\\a:b", "file:///C:/a:b", "C:\\a:b"],
    ["\\\\Server\\Share\\X", "file://server/Share/X", "\\\\server\\Share\\X"],
    ["\\\\h\\s", "file://h/s", "\\\\h\\s"],
    ["\\\\h\\s\\", "file://h/s/", "\\\\h\\s"],
    ["\\\\h\\s\\..\\..\\x", "file://h/s/x", "\\\\h\\s\\x"],
    ["//h/s/x", "file://h/s/x", "\\\\h\\s\\x"],
    ["\\\\?\\C:\\x", "file:///C:/x", "C:\\x"],
    ["\\\\?\\UNC\\h\\s\\x", "file://h/s/x", "\\\\h\\s\\x"],
    ["\\\\ü\\s", "file://xn--tda/s", "\\\\xn--tda\\s"],
  ])("%j is %j and comes back as %j", (text, canonical, native) => {
    const uri = pathUriFromNative(text, "windows");
    expect(uri).toBe(canonical);
    expect(parsePathUri(uri)).toBe(uri);
    expect(conventionOf(uri)).toBe("windows");
    expect(toNativePath(uri, "windows")).toBe(native);
    expect(displayPath(uri)).toBe(native);
  });

  test.each([
    "\\\\.\\pipe\\x",
    "\\\\?\\GLOBALROOT\\x",
    "\\\\?\\C:\\a/b",
    "\\\\?\\C:\\a\\..\\b",
    "C:\\a\0b",
    "C:\\\ud800",
    "\\\\.\\..\\x",
    "\\\\h\\..\\x",
    "\\\\h\\.\\x",
    "\\\\localhost\\s",
    "\\\\LOCALHOST\\s",
    "\\\\a b\\s",
    "\\\\u@h\\s",
    "\\\\h%41\\s",
    "\\\\1.2\\s",
    "\\\\h\\C:\\x",
    "\\\\h\\c|\\x",
    "\\\\h?q\\s",
  ])("%j has no spelling, is carried opaquely and comes back", (text) => {
    const uri = pathUriFromNative(text, "windows");
    expect(uri).toBe(opaqueUtf16(text));
    expect(conventionOf(uri)).toBe("windows");
    expect(toNativePath(uri, "windows")).toBe(text);
    expect(() => toNativePath(uri, "linux")).toThrow(`'${uri}' is invalid on 'linux'`);
  });

  test("of a device, written with slashes, is carried with backslashes", () => {
    expect(pathUriFromNative("//./pipe/x", "windows")).toBe(opaqueUtf16("\\\\.\\pipe\\x"));
  });

  test.each(["", "a", "C:", "C:a", "\\a", "/a", "\\\\", "\\\\h", "\\\\h\\", "\\\\h\\\\s"])("%j is refused", (text) => {
    expect(() => pathUriFromNative(text, "windows")).toThrow(
      `path \`${text}\` is not absolute using Windows path syntax`,
    );
  });

  test.each(["\\\\.\\pipe\\x", "\\\\?\\GLOBALROOT\\x", "C:a", "\\a", "a", ""])(
    "%j has no inferred convention",
    (text) => {
      expect(() => pathUriFromInferredNative(text)).toThrow(`path \`${text}\` is not absolute`);
    },
  );

  test.each(["C:\\x", "\\\\h\\s\\x"])("%j is inferred", (text) => {
    expect(pathUriFromInferredNative(text)).toBe(pathUriFromNative(text, "windows"));
  });

  test.each([
    "file://a/",
    "file:///C:/%FF",
    "file:///a",
    opaqueUtf16("C:\\x"),
    opaqueUtf16("\\\\?\\C:\\x"),
    opaque(bytes("C:\\")),
  ])("is not what %s names", (text) => {
    const uri = parsePathUri(text);
    expect(() => toNativePath(uri, "windows")).toThrow(`'${uri}' is invalid on 'windows'`);
  });

  test("shows an encoded separator as a separator and resolves what follows", () => {
    expect(toNativePath(parsePathUri("file:///C:/a%5C..%5C..%5Cb%2Fc"), "windows")).toBe("C:\\b\\c");
    expect(toNativePath(parsePathUri("file://h/s/a%5C..%5C..%5C..%5Cb"), "windows")).toBe("\\\\h\\s\\b");
  });
});
