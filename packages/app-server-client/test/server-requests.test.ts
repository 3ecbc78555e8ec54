import { until } from "@holdfast/testkit";
import { NO_ANSWER } from "@holdfast/testkit/servers";
import { describe, expect, test, vi } from "vitest";
import { RpcFault, type ServerRequestHandlers } from "../src/index.ts";
import { type Connected, connected } from "./support/connected.ts";

const APPROVAL = {
  threadId: "t",
  turnId: "u",
  itemId: "i",
  startedAtMs: 1,
  command: "rm -rf build",
  cwd: "/srv/repo",
};

async function asked({ server }: Connected, method: string, params: unknown, id: unknown = 0): Promise<unknown> {
  const before = server.answers.length;
  server.send({ id, method, params });
  await until(() => server.answers.length > before);
  return server.answers.at(-1);
}

describe("what a server asks", () => {
  test("is answered by the handler of its name, under the very same id", async () => {
    const handlers: ServerRequestHandlers = {
      "item/commandExecution/requestApproval": ({ command }) => ({
        decision: command === "rm -rf build" ? "accept" : "decline",
      }),
    };
    await using it = await connected({}, { handlers });
    for (const id of [0, -5, "a", "", 7]) {
      expect(await asked(it, "item/commandExecution/requestApproval", APPROVAL, id)).toEqual({
        id,
        result: { decision: "accept" },
      });
    }
  });

  test("under an id that a double can not hold is answered under that id, digit for digit", async () => {
    const sent: string[] = [];
    await using it = await connected();
    const { server } = it;
    // Answers are parsed by the script, which would round it.
    const parse = JSON.parse;
    vi.spyOn(JSON, "parse").mockImplementation((text: string) => {
      if (text.startsWith('{"id":9007199254740993')) sent.push(text);
      return parse(text);
    });
    try {
      server.sendText(
        `{"id":9007199254740993,"method":"item/commandExecution/requestApproval","params":${JSON.stringify(APPROVAL)}}`,
      );
      await until(() => sent.some((text) => text.includes('"result"')));
    } finally {
      vi.restoreAllMocks();
    }
    expect(sent.at(-1)).toBe('{"id":9007199254740993,"result":{"decision":"decline"}}');
  });

  test.each([
    ["item/commandExecution/requestApproval", APPROVAL, { decision: "decline" }],
    [
      "item/fileChange/requestApproval",
      { threadId: "t", turnId: "u", itemId: "i", startedAtMs: 1 },
      { decision: "decline" },
    ],
    [
      "mcpServer/elicitation/request",
      { threadId: "t", serverName: "s", mode: "url", message: "m", url: "https://x.example", elicitationId: "e" },
      { action: "decline" },
    ],
  ])("without a handler nothing is allowed: %s", async (method, params, result) => {
    await using it = await connected();
    expect(await asked(it, method, params)).toEqual({ id: 0, result });
  });

  test.each(["item/tool/requestUserInput", "item/tool/call", "attestation/generate", "thread/dreamt"])(
    "without a handler is refused by its name: %s",
    async (method) => {
      await using it = await connected();
      expect(await asked(it, method, {})).toEqual({
        id: 0,
        error: { code: -32601, message: expect.stringContaining(`\`${method}\``) },
      });
    },
  );

  test.each([undefined, null, 5, [], {}, { ...APPROVAL, threadId: 5 }])(
    "with params that are none (%j) is refused, and no handler runs",
    async (params) => {
      const handler = vi.fn();
      await using it = await connected({}, { handlers: { "item/commandExecution/requestApproval": handler } });
      expect(await asked(it, "item/commandExecution/requestApproval", params)).toMatchObject({
        id: 0,
        error: { code: -32602 },
      });
      expect(handler).not.toHaveBeenCalled();
    },
  );

  test("is answered with the refusal that a handler throws, and with no more than that it failed for anything else", async () => {
    const onError = vi.fn();
    const bug = new Error("a bug with a secret");
    let thrown: unknown = new RpcFault(-32000, "not now", { data: { retry: true } });
    const handlers: ServerRequestHandlers = {
      "item/fileChange/requestApproval": async () => {
        throw thrown;
      },
    };
    await using it = await connected({}, { handlers, onError });
    const params = { threadId: "t", turnId: "u", itemId: "i", startedAtMs: 1 };
    expect(await asked(it, "item/fileChange/requestApproval", params)).toEqual({
      id: 0,
      error: { code: -32000, message: "not now", data: { retry: true } },
    });
    thrown = bug;
    expect(await asked(it, "item/fileChange/requestApproval", params)).toEqual({
      id: 0,
      error: { code: -32603, message: "the client failed to answer item/fileChange/requestApproval" },
    });
    expect(onError.mock.calls).toEqual([[bug, "item/fileChange/requestApproval"]]);
  });

  test("can be withdrawn: the handler's signal says so, and nobody else is told", async () => {
    const onError = vi.fn();
    const signals: AbortSignal[] = [];
    const handlers: ServerRequestHandlers = {
      "item/commandExecution/requestApproval": (_, { signal, requestId }) =>
        new Promise((_resolve, reject) => {
          signals.push(signal);
          expect(requestId).toBe(signals.length + 10);
          signal.addEventListener("abort", () => reject(signal.reason));
        }),
    };
    await using it = await connected({}, { handlers, onError });
    it.server.send({ id: 11, method: "item/commandExecution/requestApproval", params: APPROVAL });
    it.server.send({ id: 12, method: "item/commandExecution/requestApproval", params: APPROVAL });
    await until(() => signals.length === 2);
    it.server.notify("serverRequest/resolved", { threadId: "t", requestId: 11 });
    await until(() => signals[0]?.aborted === true);
    expect(signals[1]?.aborted).toBe(false);
    it.server.hangUp();
    await until(() => signals[1]?.aborted === true);
    expect(onError).not.toHaveBeenCalled();
  });
});

test.each([null, 1.5, true, {}, []])("what has an id that is none (%j) is a notice, and never answered", async (id) => {
  const onUnknown = vi.fn();
  const handler = vi.fn();
  await using it = await connected({}, { onUnknown, handlers: { "item/commandExecution/requestApproval": handler } });
  it.server.send({ id, method: "item/commandExecution/requestApproval", params: APPROVAL });
  it.server.send({ id, method: "thread/dreamt", params: {} });
  await until(() => onUnknown.mock.calls.length > 0);
  await it.codex.thread.loaded.list({});
  expect(it.server.answers).toEqual([]);
  expect(handler).not.toHaveBeenCalled();
});

test("a call of ours that is not answered holds up no request of the server", async () => {
  await using it = await connected({ "turn/start": () => NO_ANSWER });
  it.codex.turn.start({ threadId: "t", input: [] }).catch(() => {});
  expect(await asked(it, "item/commandExecution/requestApproval", APPROVAL)).toMatchObject({ id: 0 });
});
