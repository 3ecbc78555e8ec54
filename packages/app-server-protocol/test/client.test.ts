import { METHODS, methodRow } from "@holdfast/app-server-protocol";
import { createAppServerClient, type LinkV1, type NoticeMetadata } from "@holdfast/app-server-protocol/client";
import { describe, expect, test } from "vitest";

interface Fake extends LinkV1 {
  readonly sent: unknown[];
  tell(method: string, params: unknown, metadata?: unknown): void;
}

function fakeLink(results: Readonly<Record<string, unknown>>): Fake {
  const handlers = new Map<string, (params: unknown, metadata?: unknown) => void>();
  const sent: unknown[] = [];
  return {
    sent,
    call: async (method, params) => {
      sent.push([method, params]);
      return results[method];
    },
    notify: (method, params) => void sent.push([method, params]),
    on: (method, handler) => {
      handlers.set(method, handler);
      return () => handlers.delete(method);
    },
    tell: (method, params, metadata) => handlers.get(method)?.(params, metadata),
  };
}

describe("a client", () => {
  test("calls a method by its path, and gets what the server answered", async () => {
    const link = fakeLink({ "thread/goal/clear": { cleared: true }, "account/usage/read": undefined });
    const client = createAppServerClient(link);
    await expect(client.thread.goal.clear({ threadId: "t" })).resolves.toEqual({ cleared: true });
    client.initialized();
    expect(link.sent).toEqual([
      ["thread/goal/clear", { threadId: "t" }],
      ["initialized", undefined],
    ]);
  });

  test("hears notices, with when they were made where the server says so", () => {
    const link = fakeLink({});
    const client = createAppServerClient(link);
    const heard: [string, NoticeMetadata][] = [];
    client.on("item/agentMessage/delta", ({ delta }, metadata) => heard.push([delta, metadata]));
    const params = { threadId: "t", turnId: "u", itemId: "i", delta: "hi" };
    link.tell("item/agentMessage/delta", params, { emittedAtMs: 7 });
    expect(heard).toEqual([["hi", { emittedAtMs: 7 }]]);
  });
});

test("the table says of every method since when it is there, and until when", () => {
  expect(METHODS["thread/start"]).toMatchObject({ since: "0.144.6", removedIn: undefined, experimental: false });
  expect(methodRow("thread/rollback")).toMatchObject({ since: "0.144.6", removedIn: "0.169.0" });
  expect(methodRow("currentTime/read")).toMatchObject({ from: "server", removedIn: "0.171.0", experimental: true });
  expect(methodRow("thread/search/stream")).toMatchObject({ since: "0.171.0", experimental: true });
  expect(methodRow("getAuthStatus")).toMatchObject({ since: "0.144.6", replay: "always" });
  expect(methodRow("toString")).toBeUndefined();
});

describe("a client of a server that is newer", () => {
  const item = { type: "hologram", id: "i", beams: [{ hertz: 1 }] };
  const COMPLETED = { threadId: "t", turnId: "u", completedAtMs: 1 };

  test("gets kinds and words that it does not know as they came, without members that it does not know", async () => {
    const link = fakeLink({ "thread/unsubscribe": { status: "vanished", more: 1 } });
    const client = createAppServerClient(link);
    await expect(client.thread.unsubscribe({ threadId: "t" })).resolves.toEqual({ status: "vanished" });
    const heard: unknown[] = [];
    client.on("item/completed", (params) => heard.push(params));
    link.tell("item/completed", { ...COMPLETED, item, more: 1 });
    expect(heard).toEqual([{ ...COMPLETED, item }]);
  });

  test("is told of what is not even tolerable, and goes on", async () => {
    const link = fakeLink({ "thread/unsubscribe": { status: 5 } });
    const invalid: string[] = [];
    const client = createAppServerClient(link, { onInvalid: ({ message }) => invalid.push(message) });
    await expect(client.thread.unsubscribe({ threadId: "t" })).rejects.toThrow(
      "invalid result of thread/unsubscribe: invalid type: number, expected string or map at `status`",
    );
    const heard: unknown[] = [];
    client.on("item/completed", (params) => heard.push(params));
    link.tell("item/completed", { ...COMPLETED, item: { type: "hologram" } });
    link.tell("item/completed", { ...COMPLETED, item: { type: "agentMessage", id: "i", text: 5 } });
    link.tell("item/completed", { ...COMPLETED, item });
    expect(invalid).toEqual([
      "invalid params of item/completed: missing field `id` at `item`",
      "invalid params of item/completed: invalid type: number, expected a string at `item.text`",
    ]);
    expect(heard).toEqual([{ ...COMPLETED, item }]);
  });
});
