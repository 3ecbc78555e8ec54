import { readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import type { ThreadItem } from "../../src/index.ts";
import { METHODS, type MethodName } from "../../src/index.ts";
import { isRunError, type OpenThread, type Run, TURN_NOTICES } from "../../src/threads.ts";
import { message, openedThread, ScriptedServer, THREAD_ID, TURN_ID, turn, usage } from "./scripted-server.ts";

async function opened(server: ScriptedServer, params = {}): Promise<OpenThread> {
  const starting = server.threads.start(params);
  (await server.next("thread/start")).resolve(openedThread());
  return starting;
}

/** A thread with a run whose turn has begun. */
async function running(server: ScriptedServer, options = {}): Promise<Run> {
  const run = (await opened(server)).run("go on", options);
  await server.startTurn();
  await run.turnId;
  return run;
}

async function itemsOf(run: Run): Promise<readonly ThreadItem[]> {
  const items: ThreadItem[] = [];
  for await (const item of run) items.push(item);
  return items;
}

const LIMITS = {
  maxUnreadLength: 4_096,
  maxResultLength: 4_096,
  maxOpenItems: 2,
  lateItemsMs: 5,
  interruptTimeoutMs: 5,
};

describe("a run", () => {
  test("says what the user said, and gives each item as it is completed", async () => {
    const server = new ScriptedServer();
    const thread = await opened(server);
    const run = thread.run("fix the test", { effort: "high" });
    const call = await server.next("turn/start");
    expect(call.params).toEqual({
      threadId: THREAD_ID,
      effort: "high",
      input: [{ type: "text", text: "fix the test", text_elements: [] }],
    });
    call.resolve({ turn: turn() });
    expect(await run.turnId).toBe(TURN_ID);
    const reader = run[Symbol.asyncIterator]();
    const first = reader.next();
    server.item(message("one", "msg-1"));
    expect(await first).toEqual({ done: false, value: message("one", "msg-1") });
    server.item(message("two", "msg-2"));
    server.complete({ durationMs: 7 });
    expect(await reader.next()).toEqual({ done: false, value: message("two", "msg-2") });
    expect(await reader.next()).toEqual({ done: true, value: undefined });
    expect(await run.result()).toMatchObject({
      threadId: THREAD_ID,
      turnId: TURN_ID,
      status: "completed",
      finalMessage: "two",
      omittedItems: 0,
      durationMs: 7,
    });
    expect(server.listeners).toBe(0);
  });

  test("misses nothing that comes before the answer which names its turn", async () => {
    const server = new ScriptedServer();
    const run = (await opened(server)).run("go on");
    const call = await server.next("turn/start");
    server.item(message("of another turn", "msg-0"), "another");
    server.item(message("early"));
    server.complete();
    call.resolve({ turn: turn() });
    expect(await itemsOf(run)).toEqual([message("early")]);
    expect((await run.result()).finalMessage).toBe("early");
  });

  test("hears nothing of other turns and threads", async () => {
    const server = new ScriptedServer();
    const run = await running(server);
    server.item(message("of another turn"), "another");
    server.item(message("of another thread"), TURN_ID, "another");
    server.complete({ id: "another" });
    server.complete({}, "another");
    server.complete();
    expect(await itemsOf(run)).toEqual([]);
  });

  test("gives every notification about its turn to one who wants them all", async () => {
    const server = new ScriptedServer();
    const run = await running(server);
    server.delta("he");
    const reader = run.events();
    expect((await reader.next()).value).toMatchObject({ method: "item/agentMessage/delta", params: { delta: "he" } });
    server.send("turn/diff/updated", { threadId: THREAD_ID, turnId: TURN_ID, diff: "+1" });
    server.complete();
    const rest: unknown[] = [];
    for await (const event of reader) rest.push(event.method);
    expect(rest).toEqual(["turn/diff/updated", "turn/completed"]);
  });

  test("counts the tokens of its turn alone, whatever the thread used before", async () => {
    const server = new ScriptedServer();
    const run = await running(server);
    for (const [last, total] of [
      [10, 110],
      [20, 130],
    ] as const) {
      const tokenUsage = usage(last, total);
      server.send("thread/tokenUsage/updated", { threadId: THREAD_ID, turnId: TURN_ID, tokenUsage });
    }
    server.complete();
    const result = await run.result();
    expect(result.usage?.totalTokens).toBe(30);
    expect(result.threadUsage?.total.totalTokens).toBe(130);
  });

  test("takes its last message from the end of the turn, where no other was told", async () => {
    const server = new ScriptedServer();
    const run = await running(server);
    server.complete({ items: [message("only here")], itemsView: "summary" });
    expect((await run.result()).finalMessage).toBe("only here");
  });

  test("can be read once", async () => {
    const run = await running(new ScriptedServer());
    run.events();
    expect(() => run[Symbol.asyncIterator]()).toThrow("a run can be read once");
  });

  test("says more to the turn that runs", async () => {
    const server = new ScriptedServer();
    const run = await running(server);
    const said = run.steer("and this");
    const call = await server.next("turn/steer");
    expect(call.params).toMatchObject({ threadId: THREAD_ID, expectedTurnId: TURN_ID });
    call.resolve({ turnId: TURN_ID });
    await said;
  });
});

describe("a run whose command is told to be over after its turn", () => {
  const command = (status: "inProgress" | "completed"): ThreadItem => ({
    type: "commandExecution",
    id: "call-1",
    command: "make",
    cwd: "/srv/repo",
    commandActions: [],
    status,
  });

  async function over(server: ScriptedServer, options = {}): Promise<Run> {
    const run = await running(server, options);
    server.send("item/started", { threadId: THREAD_ID, turnId: TURN_ID, item: command("inProgress"), startedAtMs: 1 });
    server.complete();
    return run;
  }

  test("waits for it, and has it before the end of the turn", async () => {
    const server = new ScriptedServer();
    const run = await over(server);
    const reader = run.events();
    expect((await reader.next()).value).toMatchObject({ method: "item/started" });
    server.item(command("completed"));
    expect((await reader.next()).value).toMatchObject({ method: "item/completed" });
    expect((await reader.next()).value).toMatchObject({ method: "turn/completed" });
    expect((await run.result()).items).toEqual([command("completed")]);
    expect([server.timers.size, server.listeners]).toEqual([0, 0]);
  });

  test("does not wait for one that goes on in the background, nor when anything else ends it", async () => {
    const ends: readonly ((server: ScriptedServer, run: Run) => unknown)[] = [
      ({ timers }) => [...timers][0]?.(),
      (server) => server.lose(new Error("gone")),
      (_, run) => run.interrupt(),
    ];
    for (const end of ends) {
      const server = new ScriptedServer();
      const run = await over(server);
      await end(server, run);
      expect((await run.result()).status).toBe("completed");
      expect([server.timers.size, server.listeners, server.calls]).toEqual([0, 0, []]);
    }
  });

  test("ends with its signal, when that comes meanwhile", async () => {
    const server = new ScriptedServer();
    const controller = new AbortController();
    const run = await over(server, { signal: controller.signal });
    controller.abort();
    await expect(run.result()).rejects.toMatchObject({ code: "aborted" });
    expect([server.timers.size, server.listeners, server.calls]).toEqual([0, 0, []]);
  });

  test("hears the end of its turn once", async () => {
    const server = new ScriptedServer();
    const run = await over(server);
    server.complete({ status: "failed" });
    server.item(command("completed"));
    expect((await run.result()).status).toBe("completed");
  });
});

describe("a run that does not come to its end", () => {
  test("tells why the turn failed", async () => {
    const server = new ScriptedServer();
    const run = await running(server);
    const read = itemsOf(run);
    const error = { message: "the model is gone", codexErrorInfo: null, additionalDetails: null };
    server.complete({ status: "failed", error });
    await expect(read).rejects.toMatchObject({
      name: "RunError",
      code: "failed",
      message: "the turn failed: the model is gone",
      turnError: error,
      turnId: TURN_ID,
    });
    await expect(run.result()).rejects.toSatisfy(isRunError);
    expect(server.listeners).toBe(0);
  });

  test("passes on what the server refuses to start it with", async () => {
    const server = new ScriptedServer();
    const run = (await opened(server)).run("go on");
    const refusal = new Error("thread not found");
    (await server.next("turn/start")).reject(refusal);
    await expect(itemsOf(run)).rejects.toBe(refusal);
    await expect(run.turnId).rejects.toBe(refusal);
    await expect(run.result()).rejects.toBe(refusal);
    expect(server.listeners).toBe(0);
  });

  test("ends when the connection is lost, also before it has begun", async () => {
    const server = new ScriptedServer();
    const thread = await opened(server);
    const [begun, starting] = [thread.run("one"), thread.run("two")];
    await server.startTurn();
    await begun.turnId;
    const read = itemsOf(begun);
    const cause = new Error("the process was killed");
    server.lose(cause);
    const lost = {
      code: "lost",
      message: "the connection was lost in the middle of the turn: the process was killed",
      cause,
    };
    await expect(read).rejects.toMatchObject({ ...lost, turnId: TURN_ID });
    await expect(starting.result()).rejects.toMatchObject({ ...lost, turnId: undefined });
    (await server.next("turn/start")).reject(new Error("closed"));
    await expect(starting.turnId).rejects.toMatchObject(lost);
    expect(server.listeners).toBe(0);
  });

  test("interrupts a turn that begins after the connection over which it was asked for was lost", async () => {
    const server = new ScriptedServer();
    const run = (await opened(server)).run("go on");
    const start = await server.next("turn/start");
    server.lose(new Error("gone"));
    await expect(run.result()).rejects.toMatchObject({ code: "lost" });
    start.resolve({ turn: turn() });
    expect((await server.next("turn/interrupt")).params).toEqual({ threadId: THREAD_ID, turnId: TURN_ID });
  });

  test.each(["thread/closed", "thread/deleted"] as const)("ends with %s", async (method) => {
    const server = new ScriptedServer();
    const run = await running(server);
    server.send(method, { threadId: "another" });
    server.send(method, { threadId: THREAD_ID });
    await expect(run.result()).rejects.toMatchObject({ code: "closed" });
  });

  test("ends when its end can not be read, and not for that of another thread", async () => {
    const server = new ScriptedServer();
    const run = await running(server);
    const unreadable = { threadId: THREAD_ID, turn: 7 };
    const answer = async (type: "active" | "idle") => {
      const { thread } = openedThread() as { readonly thread: object };
      const status = type === "active" ? { type, activeFlags: [] } : { type };
      (await server.next("thread/read")).resolve({ thread: { ...thread, status } });
    };
    server.sendAny("turn/completed", unreadable);
    await answer("active");
    server.item(message("it goes on"));
    server.sendAny("turn/completed", unreadable);
    await answer("idle");
    await expect(itemsOf(run)).rejects.toMatchObject({ code: "unreadable", cause: { method: "turn/completed" } });
    expect(server.listeners).toBe(0);
  });

  test("ends when its end can not be read and nobody says how the thread is", async () => {
    const server = new ScriptedServer();
    const run = await running(server);
    server.sendAny("turn/completed", {});
    (await server.next("thread/read")).reject(new Error("timeout"));
    await expect(run.result()).rejects.toMatchObject({ code: "unreadable" });
  });

  test("has a result when somebody else interrupted it", async () => {
    const server = new ScriptedServer();
    const run = await running(server);
    server.item(message("half"));
    server.complete({ status: "interrupted" });
    expect(await itemsOf(run)).toHaveLength(1);
    expect(await run.result()).toMatchObject({ status: "interrupted", finalMessage: "half" });
  });
});

describe("a run that is given up", () => {
  test("interrupts the turn by its signal, and ends with that", async () => {
    const server = new ScriptedServer();
    const controller = new AbortController();
    const run = await running(server, { signal: controller.signal });
    const read = itemsOf(run);
    const reason = new Error("enough");
    controller.abort(reason);
    const call = await server.next("turn/interrupt");
    expect(call.params).toEqual({ threadId: THREAD_ID, turnId: TURN_ID });
    call.resolve({});
    server.complete({ status: "interrupted" });
    await expect(read).rejects.toMatchObject({ code: "aborted", cause: reason });
    expect(server.calls).toEqual([]);
    expect(server.listeners).toBe(0);
  });

  test("does not begin when its signal was aborted before", async () => {
    const server = new ScriptedServer();
    const thread = await opened(server);
    const run = thread.run("go on", { signal: AbortSignal.abort() });
    await expect(run.result()).rejects.toMatchObject({ code: "aborted", turnId: undefined });
    expect(server.calls).toEqual([]);
    expect(server.listeners).toBe(0);
  });

  test("is interrupted once it has a name, when it is aborted before that", async () => {
    const server = new ScriptedServer();
    const controller = new AbortController();
    const run = (await opened(server)).run("go on", { signal: controller.signal });
    const start = await server.next("turn/start");
    controller.abort();
    expect(server.calls).toEqual([]);
    start.resolve({ turn: turn() });
    const call = await server.next("turn/interrupt");
    server.complete({ status: "interrupted" });
    call.resolve({});
    await expect(run.result()).rejects.toMatchObject({ code: "aborted" });
  });

  test("is over even when the server never tells so", async () => {
    const server = new ScriptedServer({ limits: LIMITS });
    const run = await running(server);
    const interrupted = run.interrupt();
    const first = await server.next("turn/interrupt");
    expect(first.options).toEqual({ timeoutMs: 5, urgent: true });
    first.resolve({});
    (await server.next("turn/interrupt")).reject(new Error("no active turn to interrupt"));
    await interrupted;
    await expect(run.result()).rejects.toMatchObject({ code: "aborted" });
    const unanswered = await running(server);
    const read = itemsOf(unanswered);
    void unanswered.interrupt();
    (await server.next("turn/interrupt")).reject(new Error("timeout"));
    await expect(read).rejects.toMatchObject({ code: "aborted" });
    expect(server.listeners).toBe(0);
  });

  test("interrupts the turn when its loop is left, and nothing stays behind", async () => {
    const server = new ScriptedServer();
    const run = await running(server);
    server.item(message("one"));
    server.item(message("two"));
    const left = (async () => {
      for await (const item of run) if (item.type === "agentMessage") break;
    })();
    (await server.next("turn/interrupt")).resolve({});
    server.complete({ status: "interrupted" });
    await left;
    await expect(run.result()).rejects.toMatchObject({ code: "aborted" });
    expect(server.listeners).toBe(0);
  });

  test("lets its reader go at once, also while that waits", async () => {
    const server = new ScriptedServer();
    const run = await running(server);
    const reader = run.events();
    const waiting = reader.next();
    const returned = reader.return?.();
    expect(await waiting).toEqual({ done: true, value: undefined });
    (await server.next("turn/interrupt")).resolve({});
    server.complete({ status: "interrupted" });
    expect(await returned).toEqual({ done: true, value: undefined });
    expect(await reader.next()).toEqual({ done: true, value: undefined });
  });

  test("is interrupted when it is disposed of, and not when it is over", async () => {
    const server = new ScriptedServer();
    const run = await running(server);
    const disposed = run[Symbol.asyncDispose]();
    const call = await server.next("turn/interrupt");
    server.complete({ status: "interrupted" });
    call.resolve({});
    await disposed;
    expect((await run.result()).status).toBe("interrupted");
    await run[Symbol.asyncDispose]();
    expect(server.calls).toEqual([]);
  });

  test("leaves no listener on a signal that lives on", async () => {
    const server = new ScriptedServer();
    const controller = new AbortController();
    const run = await running(server, { signal: controller.signal });
    server.complete();
    await run.result();
    controller.abort();
    expect((await run.result()).status).toBe("completed");
    expect(server.calls).toEqual([]);
  });
});

describe("a run that is not read as fast as it comes", () => {
  test("lets go of deltas, whose items come whole", async () => {
    const server = new ScriptedServer({ limits: LIMITS });
    const run = await running(server);
    const reader = run.events();
    for (let n = 0; n < 1_000; n++) server.delta("x".repeat(100), `msg-${n % 2}`);
    server.item(message("whole"));
    server.complete();
    const methods: string[] = [];
    for await (const { method } of reader) methods.push(method);
    expect(methods.slice(-2)).toEqual(["item/completed", "turn/completed"]);
    expect((await run.result()).finalMessage).toBe("whole");
  });

  test("is interrupted when that is not enough", async () => {
    const server = new ScriptedServer({ limits: LIMITS });
    const run = await running(server);
    const reader = run.events();
    for (let n = 0; n < 10; n++) server.item(message("x".repeat(1_000), `msg-${n}`));
    (await server.next("turn/interrupt")).resolve({});
    await expect(reader.next()).rejects.toMatchObject({ code: "overrun" });
    server.complete({ status: "interrupted" });
    await expect(run.result()).rejects.toMatchObject({ code: "overrun" });
  });

  test("can not be read any more when nobody began to before too much had come, but has its result", async () => {
    const server = new ScriptedServer({ limits: LIMITS });
    const run = await running(server);
    for (let n = 0; n < 10; n++) server.item(message("x".repeat(1_000), `msg-${n}`));
    server.complete();
    await expect(itemsOf(run)).rejects.toMatchObject({ name: "RunError", code: "overrun" });
    expect((await run.result()).status).toBe("completed");
    expect(server.calls).toEqual([]);
  });

  test("has a result within its bound when nobody reads", async () => {
    const server = new ScriptedServer({ limits: LIMITS });
    const run = await running(server);
    for (let n = 0; n < 10; n++) server.item(message("x".repeat(1_000), `msg-${n}`));
    server.complete();
    const { items, omittedItems, finalMessage } = await run.result();
    expect([items.length, omittedItems]).toEqual([2, 8]);
    expect(items.at(-1)).toMatchObject({ id: "msg-9" });
    expect(finalMessage).toHaveLength(1_000);
  });
});

interface Properties {
  readonly properties?: Readonly<Record<string, unknown>>;
}

test("every notification of the newest release that names a turn is one that runs hear", () => {
  const file = new URL("../../../../schemas/app-server/0.171.0/app-server.json", import.meta.url);
  const { definitions } = JSON.parse(readFileSync(file, "utf8")) as {
    definitions: Readonly<Record<string, Properties>>;
  };
  const named = (Object.keys(METHODS) as MethodName[]).filter((method) => {
    const { from, kind, params } = METHODS[method];
    const members = definitions[params ?? ""]?.properties ?? {};
    return (
      from === "server" && kind === "notice" && "threadId" in members && ("turnId" in members || "turn" in members)
    );
  });
  const heard: ReadonlySet<string> = new Set(TURN_NOTICES);
  // About the thread's goal, the account and the raw model: clients subscribe to them by themselves.
  expect(named.filter((method) => !heard.has(method))).toEqual([
    "thread/goal/updated",
    "modelProvider/authRecoveryStarted",
    "modelProvider/authRecoveryCompleted",
    "rawResponseItem/completed",
    "rawResponse/completed",
  ]);
  expect(named.length).toBeGreaterThan(20);
});
