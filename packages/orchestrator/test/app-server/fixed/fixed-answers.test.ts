import { describe, expect, test } from "vitest";
import { openHost } from "../open-host.ts";

describe("what a client asks at its start about things that are not here", () => {
  test.each([
    ["account/read", {}, { account: null, userId: null, requiresOpenaiAuth: false, workspaceRouting: null }],
    ["getAuthStatus", {}, { authMethod: null, authToken: null, requiresOpenaiAuth: false }],
    ["account/logout", undefined, {}],
    ["accountSession/list", {}, { activeSessionId: null, sessions: [] }],
    ["account/bedrock/checkGovCloudRequirements", {}, { isGovCloud: false, shouldWarn: false }],
    ["app/list", {}, { data: [], nextCursor: null }],
    ["configRequirements/read", undefined, { supportsIndependentSpeedModes: true, requirements: null }],
    [
      "collaborationMode/list",
      {},
      {
        data: [
          { name: "Plan", mode: "plan", model: null, reasoning_effort: "medium" },
          { name: "Default", mode: "default", model: null, reasoning_effort: null },
        ],
      },
    ],
    ["experimentalFeature/list", { limit: 2 }, { data: [], nextCursor: null }],
    ["externalAgentConfig/detect", {}, { items: [], connectors: [] }],
    ["hooks/list", { cwds: ["/x"] }, { data: [{ cwd: "/x", hooks: [], warnings: [], errors: [] }] }],
    ["plugin/installed", { cwds: [] }, { marketplaces: [], marketplaceLoadErrors: [] }],
    ["plugin/list", {}, { marketplaces: [], marketplaceLoadErrors: [], featuredPluginIds: [] }],
    ["project/list", {}, { data: [], nextCursor: null }],
    ["remoteControl/status/read", undefined, { status: "disabled", environmentId: null }],
    ["thread/goal/get", { threadId: "01999999-0000-7000-8000-000000000000" }, { goal: null }],
    ["threadSection/list", {}, { data: [{ name: "Pinned" }], nextCursor: null }],
    ["windowsSandbox/readiness", undefined, { status: "notConfigured" }],
    ["mock/experimentalMethod", { value: "x" }, { echoed: "x" }],
  ])("%s is answered as where nobody has made any", async (method, params, result) => {
    await using host = await openHost();
    const client = host.rawClient();
    await client.initialize();
    expect(await client.answerTo({ id: 1, method, params })).toMatchObject({ id: 1, result });
  });

  test("hooks are those of the folder of the server where none is named", async () => {
    await using host = await openHost();
    await using client = await host.client();
    const { data } = await client.hooks.list({});
    expect(data).toEqual([{ cwd: host.cwd, hooks: [], warnings: [], errors: [] }]);
  });

  test("the server tells of itself", async () => {
    await using host = await openHost();
    await using client = await host.client();
    const { process: told } = await client.server.diagnostics({});
    expect(told).toMatchObject({ id: process.pid, residentMemoryBytes: expect.any(Number) });
  });
});
