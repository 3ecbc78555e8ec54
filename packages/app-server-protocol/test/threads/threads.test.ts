import { expect, test } from "vitest";
import { openedThread, ScriptedServer, THREAD_ID } from "./scripted-server.ts";

test("a thread is started with what the wire takes, and ours stays here", async () => {
  const server = new ScriptedServer();
  const controller = new AbortController();
  const params = { cwd: "/srv/repo", approve: async () => "accept" as const, signal: controller.signal };
  const starting = server.threads.start(params);
  const call = await server.next("thread/start");
  expect(call.params).toEqual({ cwd: "/srv/repo" });
  expect(call.options).toEqual({ signal: controller.signal });
  call.resolve(openedThread());
  const thread = await starting;
  expect(thread.id).toBe(THREAD_ID);
  expect(thread.info.preview).toBe("");
  expect(thread.settings).toMatchObject({ model: "m", cwd: "/srv/repo", approvalPolicy: "never" });
});

test("a thread is resumed and forked by its id", async () => {
  const server = new ScriptedServer();
  const resuming = server.threads.resume(THREAD_ID, { excludeTurns: true });
  const resume = await server.next("thread/resume");
  expect(resume.params).toEqual({ threadId: THREAD_ID, excludeTurns: true });
  resume.resolve(openedThread());
  expect((await resuming).id).toBe(THREAD_ID);
  const forking = server.threads.fork(THREAD_ID, { model: "other" });
  const fork = await server.next("thread/fork");
  expect(fork.params).toEqual({ threadId: THREAD_ID, model: "other" });
  fork.resolve(openedThread("01999999-0000-7000-8000-000000000009"));
  expect((await forking).id).toBe("01999999-0000-7000-8000-000000000009");
});

test("closing a thread interrupts what runs in it, and unsubscribes", async () => {
  const server = new ScriptedServer();
  const starting = server.threads.start();
  (await server.next("thread/start")).resolve(openedThread());
  const thread = await starting;
  const run = thread.run("go on");
  await server.startTurn();
  await run.turnId;
  const closed = thread[Symbol.asyncDispose]();
  (await server.next("turn/interrupt")).resolve({});
  server.complete({ status: "interrupted" });
  const call = await server.next("thread/unsubscribe");
  expect(call.params).toEqual({ threadId: THREAD_ID });
  call.resolve({ status: "unsubscribed" });
  await closed;
  expect(server.listeners).toBe(0);
});

test("a thread is closed without a connection, too", async () => {
  const server = new ScriptedServer();
  const starting = server.threads.start();
  (await server.next("thread/start")).resolve(openedThread());
  const closed = (await starting).close();
  (await server.next("thread/unsubscribe")).reject(new Error("closed"));
  await closed;
});

function page(ids: readonly string[], nextCursor: string | null): object {
  return { data: ids.map((id) => (openedThread(id) as { readonly thread: object }).thread), nextCursor };
}

test("threads are listed page by page, as far as they are read", async () => {
  const server = new ScriptedServer();
  const list = server.threads.list({ limit: 2 });
  const first = list.next();
  const call = await server.next("thread/list");
  expect(call.params).toEqual({ limit: 2, cursor: null });
  call.resolve(page(["one", "two"], "more"));
  expect((await first).value).toMatchObject({ id: "one" });
  expect((await list.next()).value).toMatchObject({ id: "two" });
  expect(server.calls).toEqual([]);
  const third = list.next();
  const next = await server.next("thread/list");
  expect(next.params).toEqual({ limit: 2, cursor: "more" });
  next.resolve(page(["three"], null));
  expect((await third).value).toMatchObject({ id: "three" });
  expect(await list.next()).toEqual({ done: true, value: undefined });
});

test("pages without an end are an error", async () => {
  const server = new ScriptedServer();
  const list = server.threads.list();
  const first = list.next();
  (await server.next("thread/list")).resolve(page(["one"], "same"));
  await first;
  const second = list.next();
  (await server.next("thread/list")).resolve(page(["two"], "same"));
  await second;
  await expect(list.next()).rejects.toThrow("its pages have no end");
});
