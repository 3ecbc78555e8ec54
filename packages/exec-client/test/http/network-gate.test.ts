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
