import { FakeClock, until } from "@holdfast/testkit";
import { NO_ANSWER, Refusal, threadAnswer } from "@holdfast/testkit/servers";
import { describe, expect, test, vi } from "vitest";
import { type ConnectAppServerOptions, type ConnectionEvent, connectAppServer } from "../src/index.ts";
import { settle } from "./support/connected.ts";
import { Dialler } from "./support/dialler.ts";

async function reachable(
  handlers: ConstructorParameters<typeof Dialler>[0] = {},
  options: ConnectAppServerOptions = {},
) {
  const dialler = new Dialler(handlers);
  const clock = new FakeClock();
  const codex = await connectAppServer(dialler, { clock, ...options });
  const events: ConnectionEvent[] = [];
  codex.onConnection((event) => events.push(event));
  const cut = async (): Promise<void> => {
    const told = events.length;
    dialler.last.hangUp();
    await until(() => events.length > told);
  };
  const reconnected = () =>
    until(async () => {
      await clock.advance(50);
      return codex.state === "connected";
    });
  return { dialler, clock, codex, events, cut, reconnected, [Symbol.asyncDispose]: () => codex.close() };
}

describe("after a lost connection", () => {
  test("the handshake is made again, and threads and watches are asked for again", async () => {
    await using it = await reachable();
    const { thread } = await it.codex.thread.start({});
    await it.codex.thread.resume({ threadId: "older" });
    await it.codex.fs.watch({ watchId: "w", path: "/srv/repo" });
    await it.cut();
    await it.reconnected();
    const { last } = it.dialler;
    expect(last.received.map(({ method }) => method)).toEqual([
      "initialize",
      "initialized",
      "thread/resume",
      "thread/resume",
      "fs/watch",
    ]);
    expect(last.of("thread/resume")).toEqual([{ threadId: thread.id }, { threadId: "older" }]);
    expect(it.events).toMatchObject([
      { kind: "lost", willReconnect: true },
      {
        kind: "reconnected",
        threads: [
          { threadId: thread.id, outcome: "resumed", resumed: { thread: { id: thread.id } } },
          { threadId: "older", outcome: "resumed" },
        ],
        watches: [{ watchId: "w", outcome: "watching" }],
        endedProcesses: [],
      },
    ]);
  });

  test("what is over, or was given up, is not asked for again", async () => {
    await using it = await reachable({ "process/spawn": () => ({}), "thread/archive": () => ({}) });
    for (const threadId of ["kept", "left", "closed", "deleted", "archived"])
      await it.codex.thread.resume({ threadId });
    await it.codex.fs.watch({ watchId: "w", path: "/srv/repo" });
    await it.codex.fs.unwatch({ watchId: "w" });
    await it.codex.thread.unsubscribe({ threadId: "left" });
    const spawn = { command: ["a"], cwd: "/srv" };
    await it.codex.process.spawn({ ...spawn, processHandle: "ended" });
    await it.codex.process.spawn({ ...spawn, processHandle: "running" });
    for (const threadId of ["closed", "deleted", "archived"])
      it.dialler.last.notify(`thread/${threadId}`, { threadId });
    it.dialler.last.notify("process/exited", { processHandle: "ended" });
    await it.codex.thread.loaded.list({});
    await it.cut();
    await it.reconnected();
    expect(it.dialler.last.of("thread/resume")).toEqual([{ threadId: "kept" }]);
    expect(it.dialler.last.of("fs/watch")).toEqual([]);
    expect(it.events.at(-1)).toMatchObject({ kind: "reconnected", endedProcesses: ["running"] });
  });

  test("a thread that the server forgot is told as lost, and not asked for a second time", async () => {
    let isForgotten = false;
    const resume = ({ threadId }: { threadId: string }) => {
      if (isForgotten && threadId === "b") throw new Refusal(-32600, `no rollout found for thread id ${threadId}`);
      return { ...(JSON.parse(JSON.stringify(ANSWER)) as object), thread: { ...ANSWER.thread, id: threadId } };
    };
    await using it = await reachable({ "thread/resume": resume });
    for (const threadId of ["a", "b"]) await it.codex.thread.resume({ threadId });
    isForgotten = true;
    await it.cut();
    await it.reconnected();
    expect(it.events.at(-1)).toMatchObject({
      threads: [
        { threadId: "a", outcome: "resumed" },
        { threadId: "b", outcome: "lost", error: { name: "RemoteError", code: -32600 } },
      ],
    });
    await it.cut();
    await it.reconnected();
    expect(it.dialler.last.of("thread/resume")).toEqual([{ threadId: "a" }]);
    // Nobody would hear of its turn.
    const lost = { name: "LostThreadError", code: "thread-lost", threadId: "b", cause: { name: "RemoteError" } };
    await expect(it.codex.turn.start({ threadId: "b", input: [] })).rejects.toMatchObject(lost);
    await expect(it.codex.threads.resume("b")).rejects.toMatchObject({ name: "RemoteError" });
    expect(it.dialler.last.of("turn/start")).toEqual([]);
    isForgotten = false;
    await it.codex.thread.resume({ threadId: "b" });
    await expect(it.codex.turn.start({ threadId: "b", input: [] })).rejects.toMatchObject({ name: "RemoteError" });
    expect(it.dialler.last.of("turn/start").length).toBe(1);
  });

  test("the first notice and the first request come after it was told that there is a new connection", async () => {
    const order: string[] = [];
    const asked = vi.fn(() => {
      order.push("asked");
      return { decision: "accept" as const };
    });
    await using it = await reachable(
      {
        "thread/resume": ({ threadId }, server) => {
          // As a server does whose turn went on: it tells at once, and asks again what is still open.
          server.notify("thread/closed", { threadId: "other" });
          server.send({ id: 3, method: "item/fileChange/requestApproval", params: APPROVAL });
          return { ...ANSWER, thread: { ...ANSWER.thread, id: threadId } };
        },
      },
      { handlers: { "item/fileChange/requestApproval": asked } },
    );
    it.codex.on("thread/closed", () => order.push("heard"));
    it.codex.onConnection(({ kind }) => order.push(kind));
    await it.codex.thread.resume({ threadId: "t" });
    await until(() => order.length === 2);
    order.length = 0;
    await it.cut();
    await it.reconnected();
    await until(() => order.length === 4);
    expect(order).toEqual(["lost", "reconnected", "heard", "asked"]);
    await until(() => it.dialler.last.answers.length === 1);
    expect(it.dialler.last.answers).toEqual([{ id: 3, result: { decision: "accept" } }]);
  });

  test("handlers that were added before hear what comes on the new connection", async () => {
    await using it = await reachable();
    const heard = vi.fn();
    it.codex.on("skills/changed", heard);
    await it.cut();
    await it.reconnected();
    it.dialler.last.notify("skills/changed", {});
    await until(() => heard.mock.calls.length === 1);
  });

  test("a call that may not be repeated fails, and says that it may have run; one that changes nothing is sent again", async () => {
    await using it = await reachable({ "turn/start": () => NO_ANSWER });
    const turn = it.codex.turn.start({ threadId: "t", input: [] });
    const failed = expect(turn).rejects.toMatchObject({ code: "closed", delivery: "unknown", method: "turn/start" });
    it.dialler.last.on("thread/loaded/list", () => NO_ANSWER);
    const loaded = it.codex.thread.loaded.list({});
    await until(() => it.dialler.last.of("thread/loaded/list").length === 1);
    await it.cut();
    await failed;
    await it.reconnected();
    expect(await loaded).toEqual({ data: [], nextCursor: null });
    expect(it.dialler.last.of("turn/start")).toEqual([]);
  });

  test("calls that are made meanwhile wait, each for its own time", async () => {
    await using it = await reachable();
    it.dialler.refusal = "connect ECONNREFUSED";
    await it.cut();
    const patient = it.codex.thread.start({});
    const impatient = it.codex.thread.start({}, { timeoutMs: 1_000 });
    const failed = expect(impatient).rejects.toMatchObject({ code: "timeout", delivery: "not-sent" });
    await it.clock.advance(1_001);
    await failed;
    it.dialler.refusal = undefined;
    await it.reconnected();
    expect((await patient).thread.id).toBe("thread-1");
    expect(it.dialler.last.of("thread/start").length).toBe(1);
  });

  test("it is tried at growing distances, and given up at the deadline with all that waits", async () => {
    await using it = await reachable({}, { recovery: { deadlineMs: 20_000 } });
    it.dialler.refusal = "connect ECONNREFUSED";
    await it.cut();
    const waiting = it.codex.thread.start({}, { timeoutMs: Number.POSITIVE_INFINITY });
    const failed = expect(waiting).rejects.toMatchObject({ code: "closed", delivery: "not-sent" });
    await until(async () => {
      await it.clock.advance(100);
      return it.codex.state === "failed";
    });
    await failed;
    expect(it.dialler.attempts).toBeLessThan(30);
    const { reason } = await it.codex.closed;
    expect(reason).toMatch(/there is no new one: reconnecting timed out after 20 s \(last: .*ECONNREFUSED\)/);
    expect(it.events.map(({ kind }) => kind)).toEqual(["lost", "closed"]);
  });

  test("a refusal of the handshake is the end: it would be one the next time, too", async () => {
    let isKnown = true;
    const initialize = () => {
      if (!isKnown) throw new Refusal(-32600, "not you");
      return { userAgent: "a", codexHome: "/c", platformFamily: "unix", platformOs: "linux" };
    };
    await using it = await reachable({ initialize });
    isKnown = false;
    await it.cut();
    await until(async () => {
      await it.clock.advance(100);
      return it.codex.state === "failed";
    });
    expect((await it.codex.closed).reason).toContain("not you");
  });

  test("one that breaks before the threads are back is replaced by a third", async () => {
    let resumes = 0;
    await using it = await reachable({
      "thread/resume": ({ threadId }, server) => {
        resumes += 1;
        if (resumes === 2) {
          server.hangUp();
          return NO_ANSWER;
        }
        return { ...ANSWER, thread: { ...ANSWER.thread, id: threadId } };
      },
    });
    await it.codex.thread.resume({ threadId: "t" });
    await it.cut();
    await it.reconnected();
    expect(it.dialler.servers.length).toBe(3);
    expect(it.events.map(({ kind }) => kind)).toEqual(["lost", "reconnected"]);
  });

  test("a hold goes on on the new connection", async () => {
    await using it = await reachable();
    const heard = vi.fn();
    it.codex.on("skills/changed", heard);
    const hold = it.codex.hold();
    await it.cut();
    await it.reconnected();
    it.dialler.last.notify("skills/changed", {});
    await settle();
    expect(heard).not.toHaveBeenCalled();
    hold[Symbol.dispose]();
    await until(() => heard.mock.calls.length === 1);
  });

  test("the client can be closed while there is no connection", async () => {
    await using it = await reachable();
    it.dialler.refusal = "connect ECONNREFUSED";
    await it.cut();
    const waiting = it.codex.thread.start({});
    const failed = expect(waiting).rejects.toMatchObject({ code: "closed", delivery: "not-sent" });
    await it.codex.close();
    await failed;
    expect(it.codex.state).toBe("closed");
    expect(it.events.map(({ kind }) => kind)).toEqual(["lost", "closed"]);
    const { attempts } = it.dialler;
    await it.clock.advance(60_000);
    expect(it.dialler.attempts).toBe(attempts);
    expect(it.clock.pendingTimers).toBe(0);
  });
});

test("without recovery a lost connection is the end", async () => {
  await using it = await reachable({}, { recovery: false });
  await it.cut();
  expect(it.codex.state).toBe("failed");
  expect(it.events).toMatchObject([{ kind: "lost", willReconnect: false }, { kind: "closed" }]);
});

test("closing twice is closing once, and everything after it says so", async () => {
  await using it = await reachable();
  await Promise.all([it.codex.close(), it.codex.close()]);
  await it.codex.close();
  expect(it.events).toEqual([{ kind: "closed", reason: "close() was called", initiator: "local" }]);
  await expect(it.codex.thread.start({})).rejects.toMatchObject({
    code: "closed",
    delivery: "not-sent",
    message: expect.stringContaining("close() was called"),
  });
});

const ANSWER = threadAnswer("t");
const APPROVAL = { threadId: "t", turnId: "u", itemId: "i", startedAtMs: 1 };
