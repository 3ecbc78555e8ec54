import { describe, expect, test } from "vitest";
import { calls, said } from "../../agent/support/scripted-model.ts";
import { type ThreadsClient, type Told, threadsHost } from "./threads-host.ts";

const NOBODY = "01a22e65-d8ad-7043-84d5-877e0e56cf1a";

describe("a thread that is not there", () => {
  const notFound = { code: -32600, message: `thread not found: ${NOBODY}` };
  const notLoaded = { code: -32600, message: `thread not loaded: ${NOBODY}` };
  const noRollout = { code: -32600, message: `no rollout found for thread id ${NOBODY}` };
  test.each<[string, object, object]>([
    ["turn/start", { input: [] }, notFound],
    ["turn/steer", { input: [], expectedTurnId: "a" }, notFound],
    ["turn/interrupt", { turnId: "a" }, notFound],
    ["thread/compact/start", {}, notFound],
    ["thread/shellCommand", { command: "x" }, notFound],
    ["thread/settings/update", {}, notFound],
    ["thread/backgroundTerminals/list", {}, notFound],
    ["thread/inject_items", { items: [] }, notFound],
    ["thread/read", {}, notLoaded],
    ["thread/turns/list", {}, notLoaded],
    ["thread/resume", {}, noRollout],
    ["thread/fork", {}, noRollout],
    ["thread/archive", {}, noRollout],
    ["thread/delete", {}, noRollout],
    ["thread/name/set", { name: "x" }, noRollout],
    ["thread/unarchive", {}, { code: -32600, message: `no archived rollout found for thread id ${NOBODY}` }],
    ["thread/items/list", {}, { code: -32601, message: "thread/items/list is not supported yet" }],
  ])("is refused by %s as clients know it", async (method, params, error) => {
    await using threads = await threadsHost();
    const client = await threads.client();
    expect(await client.refusal(method, { threadId: NOBODY, ...params })).toEqual(error);
  });

  test("is not subscribed to", async () => {
    await using threads = await threadsHost();
    const client = await threads.client();
    expect(await client.call("thread/unsubscribe", { threadId: NOBODY })).toEqual({ status: "notLoaded" });
  });

  test.each(["zz", "", "01a22e65-d8ad-7043-84d5"])("has no id like %j", async (threadId) => {
    await using threads = await threadsHost();
    const client = await threads.client();
    expect((await client.refusal("thread/read", { threadId })).message).toMatch(/^invalid thread id: /);
    expect((await client.refusal("thread/resume", { threadId })).message).toMatch(/^invalid session id: /);
  });
});

describe("a thread that nobody has said anything to", () => {
  test("has no turns to list, and nothing to be loaded again", async () => {
    await using threads = await threadsHost();
    const client = await threads.client();
    const { id } = await client.start();
    expect((await client.refusal("thread/turns/list", { threadId: id })).message).toBe(
      `thread ${id} is not materialized yet; thread/turns/list is unavailable before first user message`,
    );
    expect((await client.refusal("thread/resume", { threadId: id })).code).toBe(-32600);
    expect((await client.refusal("thread/items/list", { threadId: id })).code).toBe(-32601);
    expect((await client.call("thread/list", {})).data).toEqual([]);
    expect((await client.call("thread/loaded/list", {})).data).toEqual([id]);
    expect((await client.call("thread/read", { threadId: id })).thread).toMatchObject({ id, preview: "" });
    expect((await client.call("thread/fork", { threadId: id })).thread.forkedFromId).toBe(id);
    expect(await client.call("thread/archive", { threadId: id })).toEqual({});
    expect((await client.refusal("thread/read", { threadId: id })).message).toBe(`thread not loaded: ${id}`);
  });
});

describe("a thread that is kept nowhere", () => {
  test("works, and is not listed", async () => {
    await using threads = await threadsHost([[said("a title")]]);
    const client = await threads.client();
    const { id, path, ephemeral } = await client.start({ ephemeral: true, threadSource: "thread_title" });
    expect({ path, ephemeral }).toEqual({ path: null, ephemeral: true });
    expect((await client.turn(id, "title?")).items[0].text).toBe("a title");
    expect((await client.refusal("thread/turns/list", { threadId: id })).message).toBe(
      "ephemeral threads do not support thread/turns/list",
    );
    expect((await client.call("thread/list", {})).data).toEqual([]);
  });
});

describe("what was said and done", () => {
  async function threeTurns(client: ThreadsClient): Promise<string> {
    const { id } = await client.start();
    for (const text of ["one", "two", "three"]) await client.turn(id, text);
    return id;
  }
  const replies = [
    [said("1", "msg_a")],
    [calls("exec_command", { cmd: "echo x" })],
    [said("2", "msg_b")],
    [said("3", "msg_c")],
  ];
  const ids = (page: Told) => page.data.map(({ id }: { id: string }) => id);
  const texts = (turn: Told) => turn.items.map((item: Told) => item.text ?? item.content?.[0].text ?? item.type);

  test("is listed by turns, in three views", async () => {
    await using threads = await threadsHost(replies);
    const client = await threads.client();
    const threadId = await threeTurns(client);
    const summary = await client.call("thread/turns/list", { threadId });
    expect(summary.data.map(texts)).toEqual([
      ["three", "3"],
      ["two", "2"],
      ["one", "1"],
    ]);
    expect(summary.data[0].itemsView).toBe("summary");
    const full = await client.call("thread/turns/list", { threadId, itemsView: "full", sortDirection: "asc" });
    expect(full.data.map(texts)).toEqual([
      ["one", "1"],
      ["two", "commandExecution", "2"],
      ["three", "3"],
    ]);
    const none = await client.call("thread/turns/list", { threadId, itemsView: "notLoaded" });
    expect(none.data.map(texts)).toEqual([[], [], []]);
  });

  test("is listed page by page, in both directions", async () => {
    await using threads = await threadsHost(replies);
    const client = await threads.client();
    const threadId = await threeTurns(client);
    const all = ids(await client.call("thread/turns/list", { threadId, sortDirection: "asc" }));
    const first = await client.call("thread/turns/list", { threadId, limit: 2 });
    expect(ids(first)).toEqual([all[2], all[1]]);
    const second = await client.call("thread/turns/list", { threadId, limit: 2, cursor: first.nextCursor });
    expect(ids(second)).toEqual([all[0]]);
    expect(second.nextCursor).toBeNull();
    const back = { threadId, sortDirection: "asc", cursor: second.backwardsCursor };
    expect(ids(await client.call("thread/turns/list", back))).toEqual(all);
    const refused = await client.refusal("thread/turns/list", { threadId, cursor: "zz" });
    expect(refused).toEqual({ code: -32600, message: "invalid cursor: zz" });
  });

  test("is listed by items, of all turns or of one", async () => {
    await using threads = await threadsHost(replies);
    const client = await threads.client();
    const threadId = await threeTurns(client);
    const { data } = await client.call("thread/items/list", { threadId });
    expect(data.map(({ item }: Told) => item.type)).toEqual([
      "userMessage",
      "agentMessage",
      "userMessage",
      "commandExecution",
      "agentMessage",
      "userMessage",
      "agentMessage",
    ]);
    const turnId = data[3].turnId;
    const ofTurn = await client.call("thread/items/list", { threadId, turnId, sortDirection: "desc", limit: 2 });
    expect(ofTurn.data.map(({ item }: Told) => item.type)).toEqual(["agentMessage", "commandExecution"]);
    const told = client.told("item/completed").find(({ item }) => item.type === "commandExecution");
    expect(ofTurn.data[1]).toEqual({
      turnId,
      item: told.item,
      startedAtMs: told.item.startedAtMs,
      completedAtMs: told.completedAtMs,
    });
    const anchor = { type: "item", itemId: "msg_b" };
    const from = await client.call("thread/items/list", { threadId, cursor: anchor });
    expect(from.data[0].item.id).toBe("msg_b");
  });

  test("comes with the thread where it is asked for", async () => {
    await using threads = await threadsHost(replies);
    const client = await threads.client();
    const threadId = await threeTurns(client);
    const { thread } = await client.call("thread/read", { threadId, includeTurns: true });
    expect(thread.turns.map(texts)).toEqual([
      ["one", "1"],
      ["two", "commandExecution", "2"],
      ["three", "3"],
    ]);
    expect((await client.call("thread/read", { threadId })).thread.turns).toEqual([]);
    const resumed = await client.call("thread/resume", { threadId, excludeTurns: true });
    expect(resumed.thread.turns).toEqual([]);
    const last = { threadId, limit: 1, cursor: resumed.turnsBackwardsCursor };
    expect((await client.call("thread/turns/list", last)).data.map(texts)).toEqual([["three", "3"]]);
    const lastItem = { threadId, limit: 1, sortDirection: "desc", cursor: resumed.itemsBackwardsCursor };
    expect((await client.call("thread/items/list", lastItem)).data[0].item.text).toBe("3");
    const page = await client.call("thread/resume", { threadId, excludeTurns: true, initialTurnsPage: { limit: 1 } });
    expect(page.initialTurnsPage.data.map(texts)).toEqual([["three", "3"]]);
  });

  test("is found by its id, and by nothing else", async () => {
    await using threads = await threadsHost();
    const client = await threads.client();
    const { id: threadId, path } = await client.start();
    await client.turn(threadId, "one");
    expect((await client.call("thread/resume", { threadId, path })).thread.id).toBe(threadId);
    for (const wrong of [{ path: "/elsewhere" }, { history: [] }]) {
      expect((await client.refusal("thread/resume", { threadId, ...wrong })).message).toMatch(/leave `\w+` out$/);
    }
  });

  test("is a thread of its own in a fork, as far as it goes", async () => {
    await using threads = await threadsHost([...replies, [said("4")]]);
    const client = await threads.client();
    const threadId = await threeTurns(client);
    const turns = ids(await client.call("thread/turns/list", { threadId, sortDirection: "asc" }));
    const whole = await client.call("thread/fork", { threadId });
    expect(whole.thread).toMatchObject({ forkedFromId: threadId, preview: "one" });
    expect(whole.thread.turns).toHaveLength(3);
    const part = await client.call("thread/fork", { threadId, beforeTurnId: turns[2] });
    expect(part.thread.turns.map(texts)).toEqual([
      ["one", "1"],
      ["two", "commandExecution", "2"],
    ]);
    await client.turn(part.thread.id, "four");
    const { input } = threads.model.calls.at(-1)?.body ?? { input: [] };
    expect(JSON.stringify(input)).toMatch(/one.*two.*four/);
    expect(JSON.stringify(input)).not.toMatch(/three/);
    expect((await client.call("thread/turns/list", { threadId })).data).toHaveLength(3);
    const light = await client.call("thread/fork", {
      threadId,
      ephemeral: true,
      lastTurnId: turns[0],
      excludeTurns: true,
    });
    expect(light.thread).toMatchObject({ path: null, ephemeral: true, turns: [] });
    expect(await client.refusal("thread/fork", { threadId, lastTurnId: NOBODY })).toEqual({
      code: -32600,
      message: `turn not found: ${NOBODY}`,
    });
  });
});
