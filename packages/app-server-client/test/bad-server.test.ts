import { until } from "@holdfast/testkit";
import { GARBAGE, NO_ANSWER, threadAnswer } from "@holdfast/testkit/servers";
import { describe, expect, test, vi } from "vitest";
import type { AppServer } from "../src/index.ts";
import { connected, settle } from "./support/connected.ts";

const LOADED = { data: ["t"], nextCursor: null };

async function stillWorks(codex: AppServer): Promise<void> {
  expect((await codex.thread.loaded.list({})).data).toEqual(["t"]);
  expect(codex.state).toBe("connected");
}

describe("a server that misbehaves does not end the client", () => {
  test("answers twice: the first counts", async () => {
    await using it = await connected({
      "model/list": (_, server) => {
        const { id } = server.received.at(-1) ?? {};
        server.send({ id, result: { data: [], nextCursor: "first" } });
        server.send({ id, result: { data: [], nextCursor: "second" } });
        server.send({ id, error: { code: -32603, message: "third" } });
        return NO_ANSWER;
      },
      "thread/loaded/list": () => LOADED,
    });
    expect((await it.codex.model.list({})).nextCursor).toBe("first");
    await stillWorks(it.codex);
  });

  test.each([1_000_000, -1, 0, "never-asked", "2", 1.5, null, true, {}, []])(
    "answers under another id (%j): nobody takes it for an answer",
    async (id) => {
      await using it = await connected({
        "model/list": (_, server) => {
          server.send({ id, result: { data: "nonsense" } });
          server.send({ id, error: { code: -1, message: "nonsense" } });
          return { data: [], nextCursor: null };
        },
        "thread/loaded/list": () => LOADED,
      });
      expect((await it.codex.model.list({})).nextCursor).toBeNull();
      await stillWorks(it.codex);
    },
  );

  test("answers under a number that a double can not hold: it is none of ours", async () => {
    await using it = await connected({
      "model/list": (_, server) => {
        server.sendText('{"id":9007199254740993,"result":{}}');
        server.sendText('{"id":9223372036854775808,"result":{}}');
        return { data: [], nextCursor: null };
      },
    });
    expect((await it.codex.model.list({})).nextCursor).toBeNull();
  });

  test.each([
    ...Object.entries(GARBAGE),
    ["two messages in one", '{"method":"skills/changed"} {"method":"skills/changed"}'],
  ])("says %s: it is told and passed over", async (_, frame) => {
    const onInvalid = vi.fn();
    await using it = await connected(
      {
        "model/list": (_params, server) => {
          server.sendText(frame);
          return { data: [], nextCursor: null };
        },
        "thread/loaded/list": () => LOADED,
      },
      { onInvalid },
    );
    await it.codex.model.list({});
    await until(() => onInvalid.mock.calls.length === 1);
    expect(onInvalid.mock.calls.map(([error]) => error.name)).toEqual(["UnreadableMessageError"]);
    await stillWorks(it.codex);
  });

  test("answers with a result of another shape: the call says where", async () => {
    await using it = await connected({ "model/list": () => ({ data: 5 }), "thread/loaded/list": () => LOADED });
    await expect(it.codex.model.list({})).rejects.toMatchObject({
      name: "InvalidMessageError",
      method: "model/list",
      part: "result",
      memberPath: "data",
    });
    await stillWorks(it.codex);
  });

  test.each([
    ["a number", 5],
    ["a list", []],
    ["nothing", undefined],
    ["null", null],
    ["an object without what is needed", { threadId: 5 }],
  ])("tells a notice whose params are %s: it is dropped and told", async (_, params) => {
    const onInvalid = vi.fn();
    await using it = await connected({ "thread/loaded/list": () => LOADED }, { onInvalid });
    const heard = vi.fn();
    it.codex.on("thread/closed", heard);
    it.server.notify("thread/closed", params);
    it.server.notify("thread/closed", { threadId: "t" });
    await until(() => heard.mock.calls.length === 1);
    expect(onInvalid.mock.calls.map(([error]) => [error.name, error.method])).toEqual([
      ["InvalidMessageError", "thread/closed"],
    ]);
    await stillWorks(it.codex);
  });

  test("tells notices that nobody knows: they are passed on as they are", async () => {
    const onUnknown = vi.fn();
    await using it = await connected({ "thread/loaded/list": () => LOADED }, { onUnknown });
    it.server.notify("thread/dreamt", { of: ["sheep"] });
    // What only clients send is as unknown here.
    it.server.notify("initialized", undefined);
    await until(() => onUnknown.mock.calls.length === 2);
    expect(onUnknown.mock.calls).toEqual([
      [{ method: "thread/dreamt", params: { of: ["sheep"] } }],
      [{ method: "initialized", params: undefined }],
    ]);
    await stillWorks(it.codex);
  });

  test("tells of kinds and words that only a newer one knows: they come through, next to what is known", async () => {
    const onInvalid = vi.fn();
    await using it = await connected(
      {
        "model/list": () => ({ data: [], nextCursor: null, more: { of: "it" } }),
        "thread/resume": ({ threadId }) => {
          const { thread, ...rest } = threadAnswer(threadId);
          return { ...rest, approvalPolicy: "by-dreams", thread: { ...thread, status: { type: "dreaming" } } };
        },
      },
      { onInvalid },
    );
    const heard = vi.fn();
    it.codex.on("item/started", ({ item }) => heard(item.type));
    const ids = { threadId: "t", turnId: "u", startedAtMs: 1 };
    it.server.notify("item/started", { ...ids, item: { type: "dream", id: "i", of: ["sheep"] } });
    it.server.notify("item/started", { ...ids, item: { type: "agentMessage", id: "j", text: "", phase: "asleep" } });
    await until(() => heard.mock.calls.length === 2);
    expect(heard.mock.calls).toEqual([["dream"], ["agentMessage"]]);
    const resumed = await it.codex.thread.resume({ threadId: "t" });
    expect(resumed).toMatchObject({ approvalPolicy: "by-dreams", thread: { status: { type: "dreaming" } } });
    await it.codex.model.list({});
    expect(onInvalid).not.toHaveBeenCalled();
  });

  test("marks its notices with a time, or with something that is none", async () => {
    await using it = await connected();
    const heard = vi.fn();
    it.codex.on("skills/changed", heard);
    for (const emittedAtMs of [1_700_000_000_000, "now", null, undefined]) {
      it.server.send({ method: "skills/changed", params: {}, emittedAtMs });
    }
    await until(() => heard.mock.calls.length === 4);
    expect(heard.mock.calls.map(([, metadata]) => metadata.emittedAtMs)).toEqual([
      1_700_000_000_000,
      undefined,
      undefined,
      undefined,
    ]);
  });

  test("writes the member `jsonrpc`, and others that nobody knows", async () => {
    await using it = await connected({
      "model/list": (_, server) => {
        const { id } = server.received.at(-1) ?? {};
        server.send({ jsonrpc: "2.0", id, result: { data: [], nextCursor: null, more: 1 }, more: 2 });
        return NO_ANSWER;
      },
    });
    expect(await it.codex.model.list({})).toMatchObject({ nextCursor: null });
    expect(it.server.received.every((message) => !("jsonrpc" in message))).toBe(true);
  });

  test("goes away in the middle of a call: the caller hears that it may have run", async () => {
    await using it = await connected({
      "turn/start": (_, server) => {
        server.hangUp();
        return NO_ANSWER;
      },
    });
    await expect(it.codex.turn.start({ threadId: "t", input: [] })).rejects.toMatchObject({
      name: "LinkError",
      code: "closed",
      delivery: "unknown",
      method: "turn/start",
    });
    expect(await it.codex.closed).toBeDefined();
    expect(it.codex.state).toBe("failed");
    await expect(it.codex.thread.loaded.list({})).rejects.toMatchObject({ code: "closed", delivery: "not-sent" });
  });
});

describe("a handler that throws", () => {
  test("is told of, and stops neither other handlers nor the connection", async () => {
    const onError = vi.fn();
    await using it = await connected({ "thread/loaded/list": () => LOADED }, { onError });
    const heard = vi.fn();
    const failure = new Error("a bug");
    it.codex.on("skills/changed", () => {
      throw failure;
    });
    it.codex.on("skills/changed", heard);
    it.server.notify("skills/changed", {});
    await until(() => heard.mock.calls.length === 1);
    expect(onError.mock.calls).toEqual([[failure, "skills/changed"]]);
    await stillWorks(it.codex);
  });

  test("can be stopped while a notice is delivered", async () => {
    await using it = await connected();
    const heard: string[] = [];
    const stop = it.codex.on("skills/changed", () => {
      heard.push("first");
      stop();
    });
    it.codex.on("skills/changed", () => heard.push("second"));
    it.server.notify("skills/changed", {});
    it.server.notify("skills/changed", {});
    await until(() => heard.length === 3);
    await settle();
    expect(heard).toEqual(["first", "second", "second"]);
  });
});
