import { readOnlyProfile } from "@holdfast/permission-profile";
import { describe, expect, test } from "vitest";
import { networkGate } from "../../src/http/network-gate.ts";
import { connected } from "../support/connected.ts";
import { LINUX_INFO } from "../support/fake-exec-server.ts";

describe("the network part of a sandbox", () => {
  test.each([
    ["read-only" as const],
    ["workspace-write" as const],
    [{}],
    [{ network: false }],
    [{ network: { allow: ["api.example", "**.good.example"] } }],
    [{ network: { allow: ["**.example"], deny: ["bad.example"] } }],
    [{ permissions: readOnlyProfile() } as never],
  ])("refuses before anything is sent: %j", async (sandbox) => {
    await using there = await connected({});
    await expect(there.executor.fetch("http://bad.example:81/x", { sandbox })).rejects.toMatchObject({
      name: "FetchDeniedError",
      code: "network-denied",
      host: "bad.example",
      rule: expect.any(String),
      message: expect.stringContaining('sandbox: { network: { allow: ["bad.example"] } }'),
    });
    expect(there.server.of("http/request")).toEqual([]);
  });

  test.each([
    ["none" as const],
    [undefined],
    [{ network: true }],
    [{ network: { allow: ["Good.example"] } }],
    [{ network: { allow: ["*.example"], deny: ["bad.example"] } }],
    [{ permissions: { type: "disabled" } } as never],
  ])("lets through: %j", (sandbox) => {
    expect(() => networkGate(sandbox)("https://good.example/")).not.toThrow();
  });

  test.each([
    ["http://bad.example./", ["bad.example"]],
    ["http://BAD.example:8080/", ["bad.example"]],
    ["http://good.example@bad.example/", ["bad.example"]],
    ["http://%62ad.example/", ["bad.example"]],
    ["http://bücher.example/", ["xn--bcher-kva.example"]],
    ["http://xn--bcher-kva.example/", ["BÜCHER.example"]],
    ["http://2130706433/", ["127.0.0.1"]],
    ["http://0x7f.1/", ["127.0.0.1"]],
    ["http://127.0.0.1./", ["127.1"]],
    ["http://[0:0::1]/", ["::1"]],
    ["http://[::ffff:127.0.0.1]/", ["[::ffff:7f00:1]"]],
  ])("knows a host by every spelling: %s by %j", (url, hosts) => {
    expect(networkGate({ network: { allow: hosts } })(url)).toBeUndefined();
    const deny = { network: { allow: ["**.example", "0177.0.0.1", "[0::1]", "[::ffff:127.0.0.1]"], deny: hosts } };
    expect(() => networkGate(deny)(url)).toThrow(
      expect.objectContaining({ name: "FetchDeniedError", rule: "network.deny lists it" }),
    );
  });

  test.each([
    "http://good.example@bad.example/",
    "http://good.example.bad.example/",
    "http://bad.example../",
    "http://xgood.example/",
  ])("takes no other host for the one that it allows: %s", (url) => {
    const sandbox = { network: { allow: ["good.example", "*.good.example"] } };
    expect(() => networkGate(sandbox)(url)).toThrow(expect.objectContaining({ name: "FetchDeniedError" }));
  });

  test.each([["readonly" as never], [{ network: { allow: "x" } } as never], [{ network: { allow: ["http://x"] } }]])(
    "that is none is refused: %j",
    (sandbox) => {
      expect(() => networkGate(sandbox)).toThrow(expect.objectContaining({ argument: "sandbox" }));
    },
  );
});

test("hosts are not listed for an executor that follows every redirect by itself", async () => {
  const { cwd: _, ...old } = LINUX_INFO;
  await using there = await connected({ initialize: () => ({ sessionId: "session-1", environmentInfo: old }) });
  const sandbox = { network: { allow: ["good.example"] } };
  await expect(there.executor.fetch("http://good.example/", { sandbox })).rejects.toMatchObject({
    name: "UnsupportedError",
    code: "unsupported",
  });
  expect(there.server.of("http/request")).toEqual([]);
});
