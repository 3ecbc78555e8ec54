import { NO_ANSWER, Refusal } from "@holdfast/testkit/servers";
import { describe, expect, test } from "vitest";
import { type Connected, connected, settle } from "./support/connected.ts";

const OVERLOADED = () => {
  throw new Refusal(-32001, "Server overloaded; retry later.");
};

/** Let time pass in small steps, in each of which a message can go there and back. */
async function pass({ clock }: Connected, ms: number): Promise<void> {
  for (let passedMs = 0; passedMs < ms; passedMs += 20) {
    await clock.advance(20);
    await settle();
  }
}

describe("a call that is never answered", () => {
  test("ends after the time that holds for all", async () => {
    await using it = await connected({ "thread/name/set": () => NO_ANSWER });
    const call = it.codex.thread.name.set({ threadId: "t", name: "n" });
    const failed = expect(call).rejects.toMatchObject({ name: "TimeoutError", code: "timeout", delivery: "unknown" });
    await it.clock.advance(60_001);
    await failed;
  });

  test("ends after the time that its caller gives", async () => {
    await using it = await connected({ "thread/name/set": () => NO_ANSWER });
    const call = it.codex.thread.name.set({ threadId: "t", name: "n" }, { timeoutMs: 1_000 });
    const failed = expect(call).rejects.toMatchObject({ code: "timeout" });
    await it.clock.advance(1_001);
    await failed;
  });

  test.each([
    ["a command with its own time", { command: ["a"], timeoutMs: 100_000 }, 160_001],
    ["a command without one, which the server gives ten seconds", { command: ["a"] }, 70_001],
  ])("%s is waited for that long besides", async (_, params, ms) => {
    await using it = await connected({ "command/exec": () => NO_ANSWER });
    let outcome: unknown;
    it.codex.command.exec(params).catch((error: unknown) => {
      outcome = error;
    });
    await it.clock.advance(ms - 2);
    expect(outcome).toBeUndefined();
    await it.clock.advance(2);
    expect(outcome).toMatchObject({ code: "timeout" });
  });

  test("is waited for without end where the command may run so, or the caller says so", async () => {
    await using it = await connected({ "command/exec": () => NO_ANSWER, "thread/name/set": () => NO_ANSWER });
    let outcome: unknown;
    const failed = (error: unknown): void => {
      outcome = error;
    };
    it.codex.command.exec({ command: ["a"], disableTimeout: true }).catch(failed);
    const patient = { timeoutMs: Number.POSITIVE_INFINITY };
    it.codex.thread.name.set({ threadId: "t", name: "n" }, patient).catch(failed);
    await it.clock.advance(10_000_000);
    expect(outcome).toBeUndefined();
    await it.codex.close();
    await settle();
    expect(outcome).toMatchObject({ code: "closed" });
  });

  test("can be given up by a signal", async () => {
    await using it = await connected({ "thread/name/set": () => NO_ANSWER });
    const stop = new AbortController();
    const call = it.codex.thread.name.set({ threadId: "t", name: "n" }, { signal: stop.signal });
    const failed = expect(call).rejects.toMatchObject({ name: "AbortError" });
    await settle();
    stop.abort();
    await failed;
  });
});

describe("an overloaded server", () => {
  test("is asked again, at growing distances, for what changes nothing", async () => {
    let calls = 0;
    await using it = await connected({
      "thread/loaded/list": () => {
        calls += 1;
        return calls < 6 ? OVERLOADED() : { data: ["t"], nextCursor: null };
      },
    });
    const loaded = it.codex.thread.loaded.list({});
    await pass(it, 10_000);
    expect((await loaded).data).toEqual(["t"]);
    expect(calls).toBe(6);
  });

  test("is told of at once for what may not be repeated", async () => {
    let calls = 0;
    await using it = await connected({
      "turn/start": () => {
        calls += 1;
        return OVERLOADED();
      },
    });
    const turn = it.codex.turn.start({ threadId: "t", input: [] });
    await expect(turn).rejects.toMatchObject({ name: "RemoteError", code: -32001 });
    expect(calls).toBe(1);
  });

  test("is told of when the time of the call is up", async () => {
    await using it = await connected({ "thread/loaded/list": OVERLOADED });
    const loaded = it.codex.thread.loaded.list({}, { timeoutMs: 2_000 });
    const failed = expect(loaded).rejects.toMatchObject({ name: "RemoteError", code: -32001 });
    await pass(it, 2_001);
    await failed;
  });

  test("is not asked again by a caller who gave up", async () => {
    await using it = await connected({ "thread/loaded/list": OVERLOADED });
    const stop = new AbortController();
    const loaded = it.codex.thread.loaded.list({}, { signal: stop.signal });
    const failed = expect(loaded).rejects.toMatchObject({ name: "AbortError" });
    await settle();
    stop.abort();
    await failed;
    const asked = it.server.of("thread/loaded/list").length;
    await it.clock.advance(20_000);
    expect(it.server.of("thread/loaded/list").length).toBe(asked);
  });
});

test("no more calls are in flight than a server queues, and what ends something goes ahead", async () => {
  const waiting: (() => void)[] = [];
  const later = () => new Promise((resolve) => waiting.push(() => resolve({ data: [], nextCursor: null })));
  await using it = await connected({ "thread/loaded/list": later, "turn/interrupt": () => ({}) });
  const calls = Array.from({ length: 500 }, () => it.codex.thread.loaded.list({}));
  await settle();
  expect(it.server.of("thread/loaded/list").length).toBe(96);
  await it.codex.turn.interrupt({ threadId: "t", turnId: "u" });
  while (waiting.length > 0) {
    for (const answer of waiting.splice(0)) answer();
    await settle();
  }
  expect((await Promise.all(calls)).length).toBe(500);
});
