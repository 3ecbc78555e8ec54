import {
  conventionOf,
  isPathUriError,
  type PathUriError,
  parsePathUri,
  toNativePath,
  tryParsePathUri,
} from "@holdfast/path-uri";
import { describe, expect, expectTypeOf, test } from "vitest";
import type { PathUri } from "../src/index.ts";

function refusalOf(action: () => unknown): PathUriError {
  try {
    action();
  } catch (error) {
    if (isPathUriError(error)) return error;
    throw error;
  }
  throw new Error("nothing was refused");
}

describe("a URI of a path on this POSIX host", () => {
  test.each([
    ["file:", "file:///", "/"],
    ["file://", "file:///", "/"],
    ["file:///", "file:///", "/"],
    ["file:///a/b", "file:///a/b", "/a/b"],
    ["FILE:///a/b", "file:///a/b", "/a/b"],
    ["file:/a/b", "file:///a/b", "/a/b"],
    ["file:a/b", "file:///a/b", "/a/b"],
    ["file:\\a\\b", "file:///a/b", "/a/b"],
    ["file:///a\\b", "file:///a/b", "/a/b"],
    ["file://localhost/a", "file:///a", "/a"],
    ["file://LOCALHOST/a", "file:///a", "/a"],
    ["file://%6cocalhost/a", "file:///a", "/a"],
    ["file:////a/b", "file:///a/b", "/a/b"],
    ["file:///a//b", "file:///a//b", "/a/b"],
    ["file:///a/b/", "file:///a/b/", "/a/b"],
    ["file:///a/./b", "file:///a/b", "/a/b"],
    ["file:///../a", "file:///a", "/a"],
    ["file:///%2e%2e/a", "file:///a", "/a"],
    ["file:///a/%2E%2e/a", "file:///a", "/a"],
    ["file:///a/.%2e/b", "file:///b", "/b"],
    ["file:///a/..", "file:///", "/"],
    ["file:///a/.", "file:///a/", "/a"],
    ["file:///a/..//b", "file:///b", "/b"],
    [" file:///a \n", "file:///a", "/a"],
    ["file:///a\tb", "file:///ab", "/ab"],
    ["fi\nle:///a", "file:///a", "/a"],
    ["file:///a b", "file:///a%20b", "/a b"],
    ["file:///ü", "file:///%C3%BC", "/ü"],
    ["file:///a\u0001\u007f", "file:///a%01%7F", "/a\u0001\u007f"],
    ["file:///\"<>`{}|^[]~!$&'()*+,;=@:", "file:///%22%3C%3E%60%7B%7D|^[]~!$&'()*+,;=@:", "/\"<>`{}|^[]~!$&'()*+,;=@:"],
    ["file:///h%6fst", "file:///h%6fst", "/host"],
    ["file:///a%2Fb", "file:///a%2Fb", "/a/b"],
    ["file:///a%2fb", "file:///a%2fb", "/a/b"],
    ["file:///none%2F..%2Fetc", "file:///none%2F..%2Fetc", "/etc"],
    ["file:///a%5Cb", "file:///a%5Cb", "/a\\b"],
    ["file:///%zz", "file:///%zz", "/%zz"],
    ["file:///100%", "file:///100%", "/100%"],
    ["file:///c|/x", "file:///c|/x", "/c|/x"],
    ["file:////c|/x", "file:///c|/x", "/c|/x"],
    ["file://localhost/c|/x", "file:///c|/x", "/c|/x"],
    ["file:///C|", "file:///C|", "/C|"],
    ["file:///dir/c:/x", "file:///dir/c:/x", "/dir/c:/x"],
    ["file:///C:x", "file:///C:x", "/C:x"],
    ["file:///%43:/x", "file:///%43:/x", "/C:/x"],
    ["file:///1:/x", "file:///1:/x", "/1:/x"],
  ])("%j becomes %j and names %j", (text, canonical, native) => {
    const uri = parsePathUri(text);
    expect(uri).toBe(canonical);
    expect(conventionOf(uri)).toBe("posix");
    expect(toNativePath(uri, "linux")).toBe(native);
  });
});

describe("a URI of a Windows path", () => {
  test.each([
    ["file:///C:", "file:///C:"],
    ["file:///c:/x", "file:///C:/x"],
    ["file:/c:/x", "file:///C:/x"],
    ["file:c:/x", "file:///C:/x"],
    ["file:C|/x", "file:///C:/x"],
    ["file:/c|/x", "file:///C:/x"],
    ["file://c|/x", "file:///C:/x"],
    ["file://c:/x", "file:///C:/x"],
    ["file://c:", "file:///C:"],
    ["file:////c:/x", "file:///C:/x"],
    ["file:///C:/../a", "file:///C:/a"],
    ["file:///a/../c:/x", "file:///C:/x"],
    ["file:///../c|/x", "file:///C:/x"],
    ["file:///c%3A/x", "file:///C%3A/x"],
    ["file:///c%3a", "file:///C%3a"],
    ["file://h/c:/x", "file:///C:/x"],
    ["file://h/c|/x", "file:///C:/x"],
    ["file://h//c|/x", "file:///C:/x"],
    ["file://h//c:/x", "file:///C:/x"],
    ["file://SERVER/Share/X", "file://server/Share/X"],
    ["file://a", "file://a/"],
    ["file://./x", "file://./x"],
    ["file://127.0.0.1/x", "file://127.0.0.1/x"],
    ["file://1.2/x", "file://1.0.0.2/x"],
    ["file://[::1]/x", "file://[::1]/x"],
    ["file://ser%76er/x", "file://server/x"],
    ["file://ü/x", "file://xn--tda/x"],
    ["file://h/c%3A/x", "file://h/c%3A/x"],
    ["file://h//a", "file://h/a"],
    ["file:\\\\h\\x", "file://h/x"],
    ["file://localhost./x", "file://localhost./x"],
  ])("%j becomes %j and names nothing on a POSIX host", (text, canonical) => {
    const uri = parsePathUri(text);
    expect(uri).toBe(canonical);
    expect(conventionOf(uri)).toBe("windows");
    const refusal = refusalOf(() => toNativePath(uri, "linux"));
    expect(refusal.code).toBe("not-native");
    expect(refusal.message).toBe(`'${canonical}' is invalid on 'linux'`);
  });
});

describe("text that is no path URI", () => {
  const noBase = "invalid URI: relative URL without a base";
  const badHost = "invalid URI: invalid international domain name";
  test.each([
    ["", "relative", noBase],
    ["a", "relative", noBase],
    ["/a", "relative", noBase],
    ["~", "relative", noBase],
    ["~/x", "relative", noBase],
    ["\\\\server\\share", "relative", noBase],
    ["1:x", "relative", noBase],
    ["file", "relative", noBase],
    ["C:\\x", "scheme", "unsupported path URI scheme `c`"],
    ["c:/x", "scheme", "unsupported path URI scheme `c`"],
    ["http://x", "scheme", "unsupported path URI scheme `http`"],
    ["HTTP://x", "scheme", "unsupported path URI scheme `http`"],
    ["vscode:x", "scheme", "unsupported path URI scheme `vscode`"],
    ["mailto:x?y", "scheme", "unsupported path URI scheme `mailto`"],
    ["http://", "host", "invalid URI: empty host"],
    ["file://u@h/x", "host", badHost],
    ["file://u:p@h/x", "host", badHost],
    ["file://h:80/x", "host", badHost],
    ["file:// /x", "host", badHost],
    ["file://a b/x", "host", badHost],
    ["file://%zz/x", "host", badHost],
    ["file://a%2fb/x", "host", badHost],
    ["file://c:x/y", "host", badHost],
    ["file://[::1/x", "host", "invalid URI: invalid IPv6 address"],
    ["file://256.1.1.1/x", "host", "invalid URI: invalid IPv4 address"],
    ["file://u@h/x?", "host", badHost],
    ["file:///a?", "query", "query parameters are not allowed in path URIs"],
    ["file:///a?b#c", "query", "query parameters are not allowed in path URIs"],
    ["file:?", "query", "query parameters are not allowed in path URIs"],
    ["file:///a%00?", "query", "query parameters are not allowed in path URIs"],
    ["file:///a#", "fragment", "fragments are not allowed in path URIs"],
    ["file:///a#f", "fragment", "fragments are not allowed in path URIs"],
    ["file:///a#b?c", "fragment", "fragments are not allowed in path URIs"],
    ["file:///a%00b", "nul", "'file:///a%00b' is invalid on 'linux'"],
    ["file:///a\0b", "nul", "'file:///a%00b' is invalid on 'linux'"],
    ["file://h/%00", "nul", "'file://h/%00' is invalid on 'linux'"],
    ["file:///c:/%00", "nul", "'file:///c:/%00' is invalid on 'linux'"],
  ])("%j is refused as %s: %s", (text, code, message) => {
    const refusal = refusalOf(() => parsePathUri(text));
    expect(refusal.code).toBe(code);
    expect(refusal.message).toBe(message);
    expect(tryParsePathUri(text)).toEqual({ ok: false, error: refusal });
  });

  test("names the host system that the caller states", () => {
    expect(refusalOf(() => parsePathUri("file:///%00", { hostOs: "macos" })).message).toBe(
      "'file:///%00' is invalid on 'macos'",
    );
  });
});

describe("the opaque form", () => {
  const opaque = "file:///%00/bad/path/";
  test.each(["L2EAYg", "L2E", "AA"])("takes the canonical payload %s", (payload) => {
    expect(parsePathUri(opaque + payload)).toBe(opaque + payload);
  });

  test("is found behind a dropped host and repeated slashes", () => {
    expect(parsePathUri("file://localhost/%00/bad/path/L2EAYg")).toBe(`${opaque}L2EAYg`);
    expect(parsePathUri("file:////%00/bad/path/./L2EAYg")).toBe(`${opaque}L2EAYg`);
  });

  test.each([
    ["", "an empty payload"],
    ["A", "a lone digit"],
    ["AB", "stray bits"],
    ["L3gA=", "padding"],
    ["L2E+Yg", "the other alphabet"],
    ["L2EAYg/", "a trailing slash"],
    ["L2EAYg/x", "a second segment"],
    ["%4C2EAYg", "a percent spelling"],
  ])("refuses %j: %s", (payload) => {
    const refusal = refusalOf(() => parsePathUri(opaque + payload));
    expect(refusal.code).toBe("opaque");
    expect(refusal.message).toBe(`'${opaque}${payload}' is invalid on 'linux'`);
  });

  test.each(["file:///%00/Bad/path/L2EAYg", "file:///%00/%62ad/path/L2EAYg", "file://h/%00/bad/path/L2EAYg"])(
    "is not %s",
    (text) => {
      expect(refusalOf(() => parsePathUri(text)).code).toBe("nul");
    },
  );
});

describe("the PathUri type", () => {
  test("is made by parsing only, and is a string", () => {
    expectTypeOf<PathUri>().toExtend<string>();
    expectTypeOf<string>().not.toExtend<PathUri>();
    expect(JSON.stringify({ path: parsePathUri("file:/a") })).toBe('{"path":"file:///a"}');
  });
});
