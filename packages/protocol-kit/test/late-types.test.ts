import { createRouter, createStub, type InvalidMessageError, type TypesByMethod } from "@holdfast/protocol-kit";
import { describe, expect, test } from "vitest";
import { protocol, RecordingLink } from "./protocol.ts";

type On = (method: string, handler: (notice: unknown, metadata?: unknown) => void) => () => void;
interface Client {
  start(params: object): Promise<unknown>;
  ready(): void;
  on: On;
}

/** Types that are loaded when the test says so. */
function late() {
  const waiting: { resolve(): void; reject(error: Error): void }[] = [];
  const types = protocol().types as TypesByMethod;
  const load = () =>
    new Promise<TypesByMethod>((resolve, reject) => waiting.push({ resolve: () => resolve(types), reject }));
  return { waiting, types: { load } };
}

const GOAL = { text: "go" };
const CHANGED = "thread/goal/changed";

describe("a stub whose validators are loaded late", () => {
  test("loads nothing until something is to be checked, and then once", async () => {
    const { waiting, types } = late();
    const create = createStub<Client>(protocol({ types }), "client");
    const link = new RecordingLink();
    const client = create(link);
    client.ready();
    client.on("thread/idle", () => {});
    expect(waiting).toHaveLength(0);
    const answers = Promise.all([client.start(GOAL), create(link).start(GOAL)]);
    expect(waiting).toHaveLength(1);
    waiting[0]?.resolve();
    expect(await answers).toEqual([{ count: 1 }, { count: 1 }]);
  });

  test("sends a call before they are there", () => {
    const link = new RecordingLink();
    void createStub<Client>(protocol({ types: late().types }), "client")(link).start(GOAL);
    expect(link.calls).toEqual([["start", GOAL]]);
  });

  test("keeps notices in order until they are there, and those that need none behind them", async () => {
    const { waiting, types } = late();
    const link = new RecordingLink();
    const invalid: string[] = [];
    const client = createStub<Client>(protocol({ types }), "client")(link, {
      onInvalid: ({ message }: InvalidMessageError) => invalid.push(message),
    });
    const heard: unknown[] = [];
    const stop = client.on(CHANGED, (goal) => heard.push(goal));
    client.on("thread/idle", () => heard.push("idle"));
    link.hear("thread/idle", {});
    expect(heard).toEqual(["idle"]);
    link.hear(CHANGED, GOAL);
    link.hear(CHANGED, { text: 3 });
    link.hear("thread/idle", {});
    expect(heard).toEqual(["idle"]);
    waiting[0]?.resolve();
    await Promise.resolve();
    await Promise.resolve();
    expect(heard).toEqual(["idle", GOAL, "idle"]);
    expect(invalid).toEqual([`invalid params of ${CHANGED}: invalid type: number, expected a string at \`text\``]);
    stop();
    link.hear(CHANGED, GOAL);
    expect(heard).toHaveLength(3);
  });

  test("tells nobody who has stopped listening meanwhile", async () => {
    const { waiting, types } = late();
    const link = new RecordingLink();
    const heard: unknown[] = [];
    const stop = createStub<Client>(protocol({ types }), "client")(link).on(CHANGED, (goal) => heard.push(goal));
    link.hear(CHANGED, GOAL);
    stop();
    waiting[0]?.resolve();
    await Promise.resolve();
    await Promise.resolve();
    expect(heard).toEqual([]);
  });

  test("fails with why they can not be loaded, and tries again with the next call", async () => {
    const { waiting, types } = late();
    const link = new RecordingLink();
    const thrown: unknown[] = [];
    const client = createStub<Client>(protocol({ types }), "client")(link, { onThrow: (error) => thrown.push(error) });
    client.on(CHANGED, () => {});
    link.hear(CHANGED, GOAL);
    const lost = client.start(GOAL);
    waiting[0]?.reject(new Error("no such file"));
    await expect(lost).rejects.toThrow("no such file");
    expect(thrown).toEqual([new Error("no such file")]);
    const answer = client.start(GOAL);
    waiting[1]?.resolve();
    expect(await answer).toEqual({ count: 1 });
  });

  test("hands on what a handler of a notice throws that had waited, and delivers the others", async () => {
    const { waiting, types } = late();
    const link = new RecordingLink();
    const thrown: unknown[] = [];
    const client = createStub<Client>(protocol({ types }), "client")(link, { onThrow: (error) => thrown.push(error) });
    const heard: unknown[] = [];
    client.on(CHANGED, (goal) => {
      heard.push(goal);
      if (heard.length === 1) throw new Error("a bug");
    });
    link.hear(CHANGED, GOAL);
    link.hear(CHANGED, GOAL);
    waiting[0]?.resolve();
    await Promise.resolve();
    await Promise.resolve();
    expect([heard, thrown]).toEqual([[GOAL, GOAL], [new Error("a bug")]]);
  });
});

test("a router whose validators are loaded late reads params when a request runs, and at once as soon as they are there", async () => {
  const { waiting, types } = late();
  const router = createRouter(protocol({ types }), {
    from: "client",
    role: "server",
    refusals: {
      unknownMethod: (method) => ({ code: 1, message: method }),
      invalidParams: (_, reason) => ({ code: 2, message: reason }),
    },
    handlers: { start: () => ({ count: 1 }) },
  });
  const [good, bad] = [router.request("start", GOAL), router.request("start", {})].map((routed) =>
    routed.kind === "ready" ? routed.run(null) : routed,
  );
  expect(router.request("stop", GOAL)).toMatchObject({ kind: "refused", code: 1 });
  const ready = router.whenReady();
  expect(waiting).toHaveLength(1);
  waiting[0]?.resolve();
  await ready;
  expect(await good).toEqual({ count: 1 });
  await expect(bad).rejects.toMatchObject({ code: 2, message: "missing field `text`" });
  expect(router.request("start", GOAL)).toMatchObject({ kind: "ready" });
  expect(router.request("start", {})).toMatchObject({ kind: "refused", message: "missing field `text`" });
});
