import { describe, expect, test } from "vitest";
import { parseNetworkProxyConfig } from "../../src/proxy/proxy-config.ts";
import { isSandboxError } from "../../src/sandbox-error.ts";

const BASE = {
  enabled: true,
  enableSocks5: true,
  enableSocks5Udp: false,
  allowUpstreamProxy: false,
  dangerouslyAllowAllUnixSockets: false,
  mode: "full",
  allowLocalBinding: false,
};

function refusal(value: unknown): string {
  try {
    parseNetworkProxyConfig(value);
  } catch (error) {
    if (isSandboxError(error) && error.code === "invalid") return error.message;
    throw error;
  }
  return "accepted";
}

describe("the configuration of a proxy", () => {
  test("is read with its patterns sorted by what they decide", () => {
    const domains = { "a.test": "allow", "*.b.test": "deny", "c.test": "none" };
    const config = parseNetworkProxyConfig({ ...BASE, domains, reviewDomains: [], unknownMember: 1 });
    expect(config).toMatchObject({ enableSocks5: true, mode: "full", allowLocalBinding: false });
    expect(config.allowed.map(({ source }) => source)).toEqual(["a.test"]);
    expect(config.denied.map(({ source }) => source)).toEqual(["*.b.test"]);
  });

  test("allows nothing without domains", () => {
    expect(parseNetworkProxyConfig({ ...BASE, domains: null })).toMatchObject({ allowed: [], denied: [] });
    expect(parseNetworkProxyConfig(BASE)).toMatchObject({ allowed: [], denied: [] });
  });

  test.each(Object.keys(BASE))("needs `%s`", (name) => {
    expect(refusal({ ...BASE, [name]: undefined })).toBe(`missing field \`${name}\``);
  });

  test("may name domains to review, which stay closed, and a transparency that is off", () => {
    const config = parseNetworkProxyConfig({ ...BASE, reviewDomains: ["a.test", "*"], transparentTcp: false });
    expect(config).toMatchObject({ allowed: [], denied: [] });
  });

  const PREFIX = "invalid network proxy config: ";
  const NOT_TRANSPARENT =
    "transparent TCP is not supported: this executor does not advertise `networkProxyTransparentTcp`";
  test.each<[string, unknown, string]>([
    [
      "a proxy that is off",
      { ...BASE, enabled: false },
      `${PREFIX}executor-local network proxy launch requires an enabled proxy`,
    ],
    [
      "denying everything",
      { ...BASE, domains: { "*": "deny" } },
      `${PREFIX}invalid value for network.denied_domains: * (allowed exact hosts or scoped wildcards like *.example.com or **.example.com)`,
    ],
    ["an empty pattern", { ...BASE, domains: { "": "allow" } }, `${PREFIX}domain pattern is empty`],
    ["an unknown mode", { ...BASE, mode: "x" }, "unknown variant `x`, expected `limited` or `full`"],
    [
      "an unknown decision",
      { ...BASE, domains: { a: "maybe" } },
      "unknown variant `maybe`, expected one of `none`, `allow`, `deny`",
    ],
    [
      "a decision that is no text",
      { ...BASE, domains: { a: 1 } },
      "invalid type, expected one of `none`, `allow`, `deny`",
    ],
    ["a flag that is no boolean", { ...BASE, enableSocks5: 1 }, "invalid type of `enableSocks5`, expected a boolean"],
    [
      "a flag that is null",
      { ...BASE, allowLocalBinding: null },
      "invalid type of `allowLocalBinding`, expected a boolean",
    ],
    ["a proxy for all TCP", { ...BASE, transparentTcp: true }, NOT_TRANSPARENT],
    [
      "a proxy for all TCP without SOCKS",
      { ...BASE, transparentTcp: true, enableSocks5: false },
      `${PREFIX}transparent_tcp requires an enabled managed SOCKS5 proxy`,
    ],
    ["null for it", { ...BASE, transparentTcp: null }, "invalid type of `transparentTcp`, expected a boolean"],
    ["a number for it", { ...BASE, transparentTcp: 1 }, "invalid type of `transparentTcp`, expected a boolean"],
    ["null to review", { ...BASE, reviewDomains: null }, "invalid type of `reviewDomains`, expected a sequence"],
    ["a map to review", { ...BASE, reviewDomains: {} }, "invalid type of `reviewDomains`, expected a sequence"],
    ["a number to review", { ...BASE, reviewDomains: [1] }, "invalid type in `reviewDomains`, expected a string"],
    ["nothing to review", { ...BASE, reviewDomains: [""] }, `${PREFIX}domain pattern is empty`],
    [
      "too many to review",
      { ...BASE, reviewDomains: Array.from({ length: 10_001 }, (_, n) => `a${n}.test`) },
      `${PREFIX}more than 10000 domains`,
    ],
    ["domains that are a list", { ...BASE, domains: ["a"] }, "`domains` is no object"],
    ["null", null, "`proxy` is no object"],
    ["a text", "x", "`proxy` is no object"],
    [
      "too many domains",
      { ...BASE, domains: Object.fromEntries(Array.from({ length: 10_001 }, (_, n) => [`a${n}.test`, "allow"])) },
      `${PREFIX}more than 10000 domains`,
    ],
  ])("refuses %s", (_what, value, message) => {
    expect(refusal(value)).toBe(message);
  });
});
