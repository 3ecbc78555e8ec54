import { METHODS } from "@holdfast/app-server-protocol";
import { until } from "@holdfast/testkit";
import { describe, expect, test } from "vitest";
import type { HostClient } from "../../src/app-server/host-client.ts";
import type { HostServices } from "../../src/app-server/host-services.ts";
import type { HostHandlers } from "../../src/app-server/room.ts";
import { openHost } from "./open-host.ts";

/** A server that serves all that is asked, by an empty object. */
async function openAllServing() {
  const names = Object.entries(METHODS).flatMap(([name, { kind, from }]) =>
    kind === "request" && from === "client" && name !== "initialize" ? [name] : [],
  );
  const handlers = Object.fromEntries(names.map((name) => [name, () => ({})])) as Partial<HostHandlers>;
  return await openHost({ rooms: () => [{ handlers }], refusals: () => ({}) });
}

async function answerOf(method: string, params: unknown, capabilities: Readonly<Record<string, unknown>>) {
  await using host = await openAllServing();
  const client = host.rawClient();
  await client.initialize(capabilities);
  const { error, result } = await client.answerTo({ id: 1, method, params });
  return error === undefined ? result : error;
}

const THREAD = { threadId: "t" };
const TURN = { threadId: "t", input: [] };
const GRANULAR = { granular: { sandbox_approval: true, rules: true, mcp_elicitations: true } };

describe("without the opt-in", () => {
  test.each([
    ["process/spawn", { command: ["a"], processHandle: "x", cwd: "/" }, "process/spawn"],
    ["thread/start", { dynamicTools: [] }, "thread/start.dynamicTools"],
    ["thread/start", { experimentalRawEvents: true }, "thread/start.experimentalRawEvents"],
    ["thread/start", { daybreakEnabled: false }, "thread/start.daybreakEnabled"],
    ["thread/start", { approvalPolicy: GRANULAR }, "askForApproval.granular"],
    ["thread/list", { parentThreadId: "x" }, "thread/list.parentThreadId"],
    ["thread/list", { includeAttachedThreads: true }, "thread/list.includeAttachedThreads"],
    ["thread/resume", { ...THREAD, history: [] }, "thread/resume.history"],
    ["thread/metadata/update", { ...THREAD, projectId: "x" }, "thread/metadata/update.projectId"],
    [
      "thread/items/list",
      { ...THREAD, deferOutput: { commandExecution: true } },
      "thread/items/list.deferOutput.commandExecution",
    ],
    ["turn/start", { ...TURN, additionalContext: {} }, "turn/start.additionalContext"],
    ["turn/start", { ...TURN, environments: [] }, "turn/start.environments"],
    ["turn/start", { ...TURN, approvalPolicy: GRANULAR }, "askForApproval.granular"],
    ["command/exec", { command: [], permissionProfile: "x" }, "command/exec.permissionProfile"],
  ])("%s %j is refused as %s", async (method, params, part) => {
    expect(await answerOf(method, params, {})).toEqual({
      code: -32600,
      message: `${part} requires experimentalApi capability`,
    });
    expect(await answerOf(method, params, { experimentalApi: true })).toEqual({});
  });

  test.each([
    ["thread/start", { dynamicTools: null, experimentalRawEvents: false, allowProviderModelFallback: false }],
    ["thread/start", { approvalPolicy: "never" }],
    ["thread/list", { includeAttachedThreads: false, ancestorThreadId: null }],
    ["thread/items/list", { ...THREAD, deferOutput: { commandExecution: false } }],
    ["thread/metadata/update", { ...THREAD, projectId: null }],
  ])("%s %j, with nothing or a switch that is off, is served", async (method, params) => {
    expect(await answerOf(method, params, { experimentalApi: false })).toEqual({});
  });

  test.each([
    ["process/spawn", {}, "Invalid request: missing field `command`"],
    [
      "thread/start",
      { dynamicTools: 5 },
      "Invalid request: invalid type: number, expected a sequence at `dynamicTools`",
    ],
  ])("%s %j is refused for what it is first", async (method, params, message) => {
    expect(await answerOf(method, params, {})).toEqual({ code: -32600, message });
  });

  test("a question comes without what is experimental in it", async () => {
    const clients: HostClient[] = [];
    let services: HostServices | undefined;
    const rooms = (given: HostServices) => {
      services = given;
      return [{ handlers: {}, joined: (client: HostClient) => void clients.push(client) }];
    };
    await using host = await openHost({ rooms });
    const [plain, curious] = [host.rawClient(), host.rawClient()];
    await plain.initialize({});
    await curious.initialize({ experimentalApi: true });
    const name = "item/commandExecution/requestApproval";
    const params = { threadId: "t", turnId: "u", itemId: "i", startedAtMs: 1 };
    const answer = services?.questions.ask(
      name,
      { ...params, availableDecisions: ["accept"] },
      { threadId: "t", clients: () => clients },
      new AbortController().signal,
    );
    for (const client of [plain, curious]) await until(() => client.named(name).length > 0);
    expect(plain.named(name)[0]?.params).toEqual(params);
    expect(curious.named(name)[0]?.params).toEqual({ ...params, availableDecisions: ["accept"] });
    plain.send({ id: 0, result: { decision: "accept" } });
    expect(await answer).toEqual({ decision: "accept" });
  });
});
