import { describe, expect, test } from "vitest";
import { parseDomainPattern } from "../../src/proxy/domain-pattern.ts";
import { normalizeHost, parseAuthority } from "../../src/proxy/host-name.ts";

describe("a pattern of domains", () => {
  test.each<[string, string[], string[]]>([
    ["example.com", ["example.com"], ["a.example.com", "example.com.evil", "xexample.com", "example.co"]],
    ["*.example.com", ["a.example.com", "a.b.example.com"], ["example.com", "aexample.com", "a.example.com.evil"]],
    ["**.example.com", ["example.com", "a.example.com", "a.b.example.com"], ["aexample.com", "com"]],
    ["*", ["a", "a.b", "1.2.3.4", "::1"], []],
    ["EXAMPLE.Com.", ["example.com"], []],
    ["a.test:80", ["a.test"], ["a.test:80"]],
    ["[::1]:80", ["::1"], ["::2"]],
    ["[::1]", ["::1"], []],
    ["::1", ["::1"], []],
    ["1.2.3.4", ["1.2.3.4"], ["1.2.3.40"]],
    ["0x7f.1", ["127.0.0.1"], []],
    ["bücher.test", ["xn--bcher-kva.test"], ["bcher.test"]],
    ["api-*.test", ["api-1.test", "api-a.b.test"], ["api.test", "xapi-1.test"]],
    ["?.test", ["a.test"], ["ab.test", ".test"]],
    ["*.a*.test", ["x.ab.test"], ["ab.test"]],
  ])("%s", (source, matching, others) => {
    const pattern = parseDomainPattern(source);
    for (const host of matching) expect([host, pattern.matches(host)]).toEqual([host, true]);
    for (const host of others) expect([host, pattern.matches(host)]).toEqual([host, false]);
  });

  test("knows whether it names one host", () => {
    expect(["a.test", "127.0.0.1", "localhost"].map((source) => parseDomainPattern(source).isExact)).toEqual([
      true,
      true,
      true,
    ]);
    expect(["*", "*.a", "**.a", "a*", "?"].map((source) => parseDomainPattern(source).isExact)).toEqual(
      Array(5).fill(false),
    );
  });

  test.each([
    ["", "domain pattern is empty"],
    ["*.", "domain pattern is empty"],
    ["**.", "domain pattern is empty"],
    [".", "domain pattern is empty"],
    ["**", "unsupported repeated wildcard: **"],
    ["a.**.b", "unsupported repeated wildcard: a.**.b"],
    ["http://x", "unsupported domain pattern syntax: http://x"],
    ["a b", "unsupported domain pattern syntax: a b"],
    ["1.2.3.4/8", "unsupported domain pattern syntax: 1.2.3.4/8"],
    ["[ab].com", "unsupported domain pattern syntax: [ab].com"],
    ["user@a", "unsupported domain pattern syntax: user@a"],
  ])("%j is none", (source, reason) => {
    expect(() => parseDomainPattern(source)).toThrow(`invalid network proxy config: ${reason}`);
  });
});

describe("a host", () => {
  test.each([
    ["Example.COM.", "example.com"],
    ["2130706433", "127.0.0.1"],
    ["0177.0.0.1", "127.0.0.1"],
    ["127.1", "127.0.0.1"],
    ["[::FFFF:127.0.0.1]", "::ffff:7f00:1"],
    ["::1", "::1"],
    ["a_b.test", "a_b.test"],
  ])("%s is %s", (text, host) => {
    expect(normalizeHost(text)).toBe(host);
  });

  test.each([
    "",
    ".",
    "a b",
    "a/b",
    "a?b",
    "a#b",
    "a@b",
    "a\\b",
    "a:80",
    "[::1",
    "a\0b",
    "a%2fb",
    "1.2.3.4.5.6:7",
    "x".repeat(300),
  ])("%j is none", (text) => {
    expect(normalizeHost(text)).toBeUndefined();
  });

  test("with a port", () => {
    expect(parseAuthority("A.test:443")).toEqual({ host: "a.test", port: 443 });
    expect(parseAuthority("[::1]:8")).toEqual({ host: "::1", port: 8 });
    for (const text of [
      "a.test",
      "a.test:",
      "a.test:0",
      "a.test:65536",
      "::1:8",
      "a:b:1",
      ":80",
      "a.test:80x",
      "u@a:1",
    ]) {
      expect([text, parseAuthority(text)]).toEqual([text, undefined]);
    }
  });
});
