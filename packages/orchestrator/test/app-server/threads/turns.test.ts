import { until } from "@holdfast/testkit";
import { describe, expect, test } from "vitest";
import { begin, calls, complete, type Reply, said, send } from "../../agent/support/scripted-model.ts";
import { threadsHost } from "./threads-host.ts";

/** A reply that goes on until it is let go. */
function held(): { readonly reply: Reply; readonly begun: Promise<void>; letGo(text?: string): void } {
  const begun = Promise.withResolvers<void>();
  const gate = Promise.withResolvers<string>();
  return {
    begun: begun.promise,
    letGo: (text = "done") => gate.resolve(text),
    reply: async (response) => {
      begin(response);
      const item = { ...said("", "msg_held"), content: [] };
      send(response, { type: "response.output_item.added", item });
      send(response, { type: "response.output_text.delta", item_id: "msg_held", delta: "so " });
      begun.resolve();
      const text = await gate.promise;
      send(response, { type: "response.output_item.done", item: said(`so ${text}`, "msg_held") });
      complete(response);
    },
  };
}

describe("a turn", () => {
  test("is answered, told of in order, and summed up at its end", async () => {
    await using threads = await threadsHost([[said("hello there")]]);
    const client = await threads.client();
    const { id } = await client.start();
    const input = [{ type: "text", text: "hi", text_elements: [] }];
    const { turn } = await client.call("turn/start", { threadId: id, clientUserMessageId: "m-1", input });
    expect(turn).toEqual({
      id: expect.stringMatching(/^[0-9a-f-]{14}7/),
      rootTurnId: turn.id,
      items: [],
      itemsView: "notLoaded",
      status: "inProgress",
      error: null,
      startedAt: null,
      completedAt: null,
      durationMs: null,
    });
    const end = await client.ended(turn.id);
    expect(end).toMatchObject({
      status: "completed",
      itemsView: "summary",
      items: [{ type: "agentMessage", id: "msg_1", text: "hello there" }],
      startedAt: expect.any(Number),
      completedAt: expect.any(Number),
      durationMs: expect.any(Number),
    });
    expect(client.names()).toEqual([
      "thread/started",
      "thread/status/changed",
      "turn/started",
      "item/started",
      "item/completed",
      "item/started",
      "item/completed",
      "thread/tokenUsage/updated",
      "thread/readState/changed",
      "thread/status/changed",
      "turn/completed",
    ]);
    expect(client.told("thread/status/changed").map(({ status }) => status)).toEqual([
      { type: "active", activeFlags: [] },
      { type: "idle" },
    ]);
    const [user] = client.told("item/completed");
    expect(user).toMatchObject({
      threadId: id,
      turnId: turn.id,
      item: { type: "userMessage", clientId: "m-1", content: input, completedAtMs: user.completedAtMs },
    });
  });

  test("is joined by what is said while it runs", async () => {
    const first = held();
    await using threads = await threadsHost([first.reply, [said("both")]]);
    const client = await threads.client();
    const { id } = await client.start();
    const turnId = await client.begin(id, "one");
    await first.begun;
    expect(await client.begin(id, "two")).toBe(turnId);
    const { items } = await client.ended(turnId);
    expect(items[0].text).toBe("both");
    expect(JSON.stringify(threads.model.calls[1]?.body.input)).toMatch(/one.*two/);
    first.letGo();
  });

  test("is steered by its id, and by no other", async () => {
    const first = held();
    await using threads = await threadsHost([first.reply, [said("steered")]]);
    const client = await threads.client();
    const { id } = await client.start();
    const input = [{ type: "text", text: "more", text_elements: [] }];
    const steer = { threadId: id, expectedTurnId: "a", input };
    expect(await client.refusal("turn/steer", steer)).toEqual({ code: -32600, message: "no active turn to steer" });
    const turnId = await client.begin(id, "one");
    await first.begun;
    expect(await client.refusal("turn/steer", steer)).toEqual({
      code: -32600,
      message: `expected active turn id \`a\` but found \`${turnId}\``,
    });
    expect(await client.call("turn/steer", { ...steer, expectedTurnId: turnId })).toEqual({ turnId });
    expect((await client.ended(turnId)).items[0].text).toBe("steered");
    first.letGo();
  });

  test("is interrupted by its id, and leaves a conversation that goes on", async () => {
    const first = held();
    await using threads = await threadsHost([first.reply, [said("again")]]);
    const client = await threads.client();
    const { id } = await client.start();
    const wrong = { threadId: id, turnId: "a" };
    expect((await client.refusal("turn/interrupt", wrong)).message).toBe("no active turn to interrupt");
    const turnId = await client.begin(id, "one");
    await first.begun;
    expect((await client.refusal("turn/interrupt", wrong)).message).toBe(
      `expected active turn id a but found ${turnId}`,
    );
    expect(await client.call("turn/interrupt", { threadId: id, turnId })).toEqual({});
    expect(await client.ended(turnId)).toMatchObject({ status: "interrupted", items: [], itemsView: "notLoaded" });
    expect((await client.turn(id, "two")).status).toBe("completed");
    first.letGo();
  });

  test("fails with the error of the model, and the thread says so until the next one", async () => {
    const refuse: Reply = (response) => {
      response.writeHead(400).end("no such model");
    };
    await using threads = await threadsHost([refuse, [said("well")]]);
    const client = await threads.client();
    const { id } = await client.start();
    const turn = await client.turn(id, "one");
    expect(turn).toMatchObject({
      status: "failed",
      items: [],
      error: { message: expect.stringMatching(/no such model/) },
    });
    expect(client.told("error")).toMatchObject([
      { threadId: id, turnId: turn.id, willRetry: false, error: turn.error },
    ]);
    expect(client.names().slice(-4)).toEqual([
      "thread/status/changed",
      "error",
      "thread/readState/changed",
      "turn/completed",
    ]);
    expect(client.told("thread/status/changed").at(-1).status).toEqual({ type: "systemError" });
    await client.turn(id, "two");
    expect(
      client
        .told("thread/status/changed")
        .slice(-2)
        .map(({ status }) => status.type),
    ).toEqual(["active", "idle"]);
    const { data } = await client.call("thread/turns/list", { threadId: id });
    expect(data.map(({ status }: { status: string }) => status)).toEqual(["completed", "failed"]);
  });

  test("without anything said is a turn, too", async () => {
    await using threads = await threadsHost([[said("what?")]]);
    const client = await threads.client();
    const { id } = await client.start();
    const { turn } = await client.call("turn/start", { threadId: id, input: [] });
    expect((await client.ended(turn.id)).items[0].text).toBe("what?");
    expect(client.told("item/completed").map(({ item }) => item.type)).toEqual(["agentMessage"]);
  });

  test("is refused when too much is said", async () => {
    await using threads = await threadsHost();
    const client = await threads.client();
    const { id } = await client.start();
    const input = [{ type: "text", text: "x".repeat(1_048_577), text_elements: [] }];
    expect(await client.refusal("turn/start", { threadId: id, input })).toEqual({
      code: -32602,
      message: "Input exceeds the maximum length of 1048576 characters.",
      data: { input_error_code: "input_too_large", max_chars: 1_048_576, actual_chars: 1_048_577 },
    });
  });

  test("has the form that is asked for", async () => {
    await using threads = await threadsHost();
    const client = await threads.client();
    const { id } = await client.start();
    const outputSchema = { type: "object", properties: { title: { type: "string" } } };
    await client.turn(id, "title?", { outputSchema });
    await client.turn(id, "and now?", { outputSchema: null });
    expect(threads.model.calls.map(({ body }) => (body.text as { format?: unknown } | undefined)?.format)).toEqual([
      { type: "json_schema", strict: true, name: "codex_output_schema", schema: outputSchema },
      undefined,
    ]);
  });
});

describe("settings of a thread", () => {
  test("that come with a turn are told before its answer, and stay", async () => {
    await using threads = await threadsHost();
    const client = await threads.client();
    const { id } = await client.start();
    const mode = {
      mode: "default",
      settings: { model: "model-2", reasoning_effort: null, developer_instructions: null },
    };
    await client.turn(id, "one", { model: "model-2", effort: "low", collaborationMode: mode });
    const messages = client.raw.messages.map(({ method, id: of }) => method ?? of);
    expect(messages.indexOf("thread/settings/updated")).toBeLessThan(messages.indexOf("call-2"));
    expect(client.told("thread/settings/updated")).toMatchObject([
      {
        threadId: id,
        threadSettings: { model: "model-2", effort: "low", sandboxPolicy: { type: "dangerFullAccess" } },
      },
    ]);
    await client.turn(id, "two");
    expect(client.told("thread/settings/updated")).toHaveLength(1);
    expect(threads.model.calls.map(({ body }) => body.model)).toEqual(["model-2", "model-2"]);
  });

  test("are changed by themselves, by a profile, too", async () => {
    await using threads = await threadsHost();
    const client = await threads.client();
    const { id } = await client.start();
    expect(await client.call("thread/settings/update", { threadId: id, permissions: ":workspace" })).toEqual({});
    expect(client.told("thread/settings/updated").at(-1).threadSettings).toMatchObject({
      sandboxPolicy: { type: "workspaceWrite", networkAccess: false },
      activePermissionProfile: { id: ":workspace", extends: null },
    });
    const wrong = { threadId: id, permissions: ":everything" };
    expect((await client.refusal("thread/settings/update", wrong)).message).toBe(
      "failed to load configuration: default_permissions refers to unknown built-in profile `:everything`",
    );
    const nowhere = { threadId: id, sandboxPolicy: { type: "workspaceWrite", writableRoots: ["/a\0"] } };
    expect((await client.refusal("thread/settings/update", nowhere)).message).toMatch(/^invalid sandbox policy: /);
  });

  test("name environments that are there, each once", async () => {
    await using threads = await threadsHost();
    const client = await threads.client();
    const { cwd } = threads.host;
    const none = { environments: [{ environmentId: "moon", cwd }] };
    expect(await client.refusal("thread/start", none)).toEqual({
      code: -32600,
      message: "unknown turn environment id `moon`",
    });
    const twice = { environments: [0, 1].map(() => ({ environmentId: "local", cwd })) };
    expect((await client.refusal("thread/start", twice)).message).toBe("duplicate turn environment id `local`");
  });
});

describe("beside answers, a thread", () => {
  test("is made shorter, whatever runs", async () => {
    const first = held();
    await using threads = await threadsHost([first.reply, [said("a summary")], [said("on")]]);
    const client = await threads.client();
    const { id } = await client.start();
    const turnId = await client.begin(id, "one");
    await first.begun;
    expect(await client.call("thread/compact/start", { threadId: id })).toEqual({});
    expect((await client.ended(turnId)).status).toBe("interrupted");
    await until(() => client.told("turn/completed").length === 2);
    expect(client.told("item/completed").at(-1).item.type).toBe("contextCompaction");
    await client.turn(id, "two");
    expect(JSON.stringify(threads.model.calls[2]?.body.input)).toMatch(/a summary/);
    first.letGo();
  });

  test("runs a command of the user in a turn of its own", async () => {
    await using threads = await threadsHost();
    const client = await threads.client();
    const { id } = await client.start();
    expect(await client.call("thread/shellCommand", { threadId: id, command: "echo hi" })).toEqual({});
    await until(() => client.told("turn/completed").length === 1);
    expect(client.told("item/completed")).toMatchObject([
      { item: { type: "commandExecution", source: "userShell", aggregatedOutput: "hi\n", exitCode: 0 } },
    ]);
  });

  test("has commands in the background, which are listed and ended", async () => {
    await using threads = await threadsHost([[calls("exec_command", { cmd: "sleep 100", yield_time_ms: 250 })]]);
    const client = await threads.client();
    const { id } = await client.start();
    const turn = await client.turn(id, "sleep");
    const { data } = await client.call("thread/backgroundTerminals/list", { threadId: id });
    expect(data).toMatchObject([{ itemId: "call_1", processId: expect.any(String), command: expect.any(String) }]);
    const ended = { threadId: id, processId: data[0].processId };
    expect(await client.call("thread/backgroundTerminals/terminate", ended)).toEqual({ terminated: true });
    await until(() => client.told("item/completed").some(({ item }) => item.id === "call_1"));
    expect(client.told("item/completed").find(({ item }) => item.id === "call_1").turnId).toBe(turn.id);
    expect((await client.call("thread/backgroundTerminals/list", { threadId: id })).data).toEqual([]);
  });
});
