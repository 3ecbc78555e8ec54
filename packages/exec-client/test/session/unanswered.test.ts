import type { PathUri } from "@holdfast/path-uri";
import { answersLate, hangsUpAt, neverAnswers, readResult } from "@holdfast/testkit/servers";
import { describe, expect, test } from "vitest";
import type { Executor } from "../../src/executor.ts";
import { TREE_CALLS } from "../../src/filesystem/internal-calls.ts";
import type { TakenInput } from "../../src/sharing/taken-input.ts";
import type { WatchedProcess } from "../../src/sharing/watched-process.ts";
import { copyFailure } from "../../src/transfer/copy-failure.ts";
import { collectAll, connected, settle } from "../support/connected.ts";
import { recoverable } from "../support/dialler.ts";
import { LINUX_INFO } from "../support/fake-exec-server.ts";

const file = { "fs/readFile": () => ({ dataBase64: "YQ==" }) };

describe("a server that says nothing to", () => {
  test.each(["fs/readFile", "fs/getMetadata"])("%s costs the caller its time limit, not the line", async (method) => {
    await using line = await connected(neverAnswers(method));
    const { fs } = line.executor;
    const asked =
      method === "fs/readFile" ? fs.readFile("/a", { timeoutMs: 500 }) : fs.metadata("/a", { timeoutMs: 500 });
    const failed = expect(asked).rejects.toMatchObject({ code: "timeout", delivery: "unknown", method });
    await line.clock.advance(500);
    await failed;
    expect(line.executor.state).toBe("connected");
    expect(line.clock.pendingTimers).toBe(0);
  });

  test("a write is sent once and the caller waits; a cut sends it again with its number, and then it is done", async () => {
    await using line = await recoverable({ "process/read": () => readResult({ nextSeq: 1 }) });
    const process = await line.executor.processes.start({ argv: ["a"], processId: "p", pipeStdin: true });
    for (const [method, handler] of Object.entries(neverAnswers("process/write")))
      line.dialler.last.on(method, handler);
    const written = process.write("x");
    await settle();
    const first = line.dialler.last.of("process/write");
    await line.cut();
    await written;
    expect(first).toHaveLength(1);
    expect(line.dialler.last.of("process/write")).toEqual(first);
  });
});

test("a start that is never answered fails after 60 s, and what it may have started is ended", async () => {
  await using line = await connected(neverAnswers("process/start"));
  const started = line.executor.processes.start({ argv: ["a"], processId: "p" });
  const failed = expect(started).rejects.toMatchObject({ name: "TimeoutError", code: "timeout", delivery: "unknown" });
  await settle();
  await line.clock.advance(60_000);
  await failed;
  await settle();
  expect(line.server.of("process/terminate")).toEqual([{ processId: "p", includeDescendants: true }]);
  expect(line.executor.state).toBe("connected");
});

test.each(["process/signal", "process/terminate"])("%s that is never answered fails after 60 s", async (method) => {
  await using line = await connected(neverAnswers(method));
  const process = await line.executor.processes.start({ argv: ["a"], processId: "p" });
  const asked = method === "process/signal" ? process.interrupt() : process.terminate();
  const failed = expect(asked).rejects.toMatchObject({ code: "timeout", delivery: "unknown", method });
  await settle();
  await line.clock.advance(60_000);
  await failed;
});

test.each([
  ["holdfast/listShared", ({ processes }: Executor) => processes.listShared({ sessionId: "theirs" })],
  ["holdfast/readShared", (executor: Executor) => watched(executor).then((process) => process.events().next())],
  ["holdfast/takeInput", (executor: Executor) => watched(executor).then((process) => process.takeInput())],
  ["holdfast/giveInput", (executor: Executor) => taken(executor).then((input) => input.giveBack())],
  [
    "holdfast/resizeShared",
    (executor: Executor) => taken(executor).then((input) => input.resize({ rows: 1, columns: 1 })),
  ],
  ["holdfast/signalShared", (executor: Executor) => watched(executor).then((process) => process.kill())],
] as const)("%s, about a process of another client, that is never answered fails after 60 s", async (method, call) => {
  const capabilities = { ...LINUX_INFO.capabilities, holdfastSharing: true };
  const process = {
    processId: "p",
    argv: [],
    isArgvCut: false,
    exitCode: null,
    isTerminal: true,
    startedAtMs: 0,
    isClosed: false,
  };
  await using line = await connected({
    initialize: () => ({ sessionId: "s", environmentInfo: { ...LINUX_INFO, capabilities } }),
    "holdfast/listShared": () => ({ processes: [process], hasMore: false, isAttached: true }),
    "holdfast/takeInput": () => ({}),
    ...neverAnswers(method),
  });
  const failed = expect(call(line.executor)).rejects.toMatchObject({ code: "timeout", delivery: "unknown", method });
  await settle();
  await line.clock.advance(60_000);
  await failed;
  expect(line.executor.state).toBe("connected");
});

function watched({ processes }: Executor): Promise<WatchedProcess> {
  return processes.watch({ sessionId: "theirs" });
}

async function taken(executor: Executor): Promise<TakenInput> {
  return (await watched(executor)).takeInput();
}

test("a step of a folder on its way that is never answered fails after ten minutes, so that no disk holds a copy for ever", async () => {
  const shell = { name: "sh", path: "/bin/sh" };
  const capabilities = { holdfastStaging: true, holdfastTrees: true };
  const info = { shell, platformOs: "linux", cwd: "file:///", capabilities };
  await using line = await connected({
    ...neverAnswers("holdfast/listTree"),
    initialize: () => ({ sessionId: "s", environmentInfo: info }),
  });
  const listed = line.executor.fs[TREE_CALLS]?.listTree({ root: "file:///a" as PathUri });
  const failed = expect(listed).rejects.toMatchObject({ code: "timeout", method: "holdfast/listTree" });
  await settle();
  await line.clock.advance(599_999);
  expect(line.clock.pendingTimers).toBe(1);
  await line.clock.advance(1);
  await failed;
  expect(copyFailure("cannot list remote:/a", await listed?.catch((error: unknown) => error)).message).toBe(
    "cannot list remote:/a: the executor does not answer (holdfast/listTree was not answered within 600000 ms); look at its disk, and repeat the copy",
  );
});

test("what the far end could not read fails everything that waits for it to answer, and the line goes on", async () => {
  await using line = await connected({ ...neverAnswers("process/start"), ...file });
  const started = line.executor.processes.start({ argv: ["a"], processId: "p" });
  const failed = expect(started).rejects.toMatchObject({
    name: "LinkError",
    code: "malformed",
    delivery: "unknown",
    message: expect.stringContaining("lone surrogate"),
  });
  await settle();
  line.server.send({ id: -1, error: { code: -32600, message: "failed to parse: lone surrogate" } });
  await failed;
  await settle();
  expect(line.server.of("process/terminate")).toEqual([{ processId: "p", includeDescendants: true }]);
  expect(await line.executor.fs.readTextFile("/a")).toBe("a");
});

test("a read that is to fill a hole and is never answered fails its process after 60 s, and no other", async () => {
  await using line = await connected(neverAnswers("process/read"));
  const process = await line.executor.processes.start({ argv: ["a"], processId: "p" });
  const other = await line.executor.processes.start({ argv: ["a"], processId: "other" });
  line.server.output("p", 2, "b");
  await settle();
  await line.clock.advance(250 + 59_999);
  expect(line.server.of("process/terminate")).toEqual([]);
  await line.clock.advance(1);
  const error = { name: "TimeoutError", code: "timeout", method: "process/read" };
  await expect(process.closed).rejects.toMatchObject(error);
  await expect(collectAll(process.events())).rejects.toMatchObject(error);
  await settle();
  expect(line.server.of("process/terminate")).toEqual([{ processId: "p", includeDescendants: true }]);
  line.server.exited("other", 1);
  expect(await other.exited).toMatchObject({ exitCode: 0 });
  expect(line.clock.pendingTimers).toBe(0);
});

test("an answer after the caller's time counts for nothing, and later calls are not mixed up with it", async () => {
  const late = answersLate("fs/readFile", () => ({ dataBase64: "bGF0ZQ==" }));
  await using line = await connected(late.handlers);
  const failed = expect(line.executor.fs.readFile("/late", { timeoutMs: 100 })).rejects.toMatchObject({
    code: "timeout",
    delivery: "unknown",
  });
  await settle();
  await line.clock.advance(100);
  await failed;
  late.release();
  await settle();
  line.server.on("fs/readFile", file["fs/readFile"]);
  expect(await line.executor.fs.readTextFile("/a")).toBe("a");
  expect(line.executor.state).toBe("connected");
});

test.each(["initialize", "process/read"])(
  "a server that closes at %s each time is tried until the deadline, and no longer",
  async (at) => {
    await using line = await recoverable(at === "initialize" ? {} : hangsUpAt(at), { recovery: { deadlineMs: 1_000 } });
    const process = await line.executor.processes.start({ argv: ["a"] });
    if (at === "initialize") Object.assign(line.dialler.always, hangsUpAt(at));
    await line.cut();
    for (let attempt = 0; attempt < 10; attempt += 1) {
      expect(line.executor.state).toBe("recovering");
      await line.clock.advance(100);
      await settle();
    }
    await expect(process.closed).rejects.toMatchObject({ message: expect.stringContaining("timed out after 1 s") });
    expect(line.dialler.dials).toBe(11);
    const { dials } = line.dialler;
    await line.clock.advance(60_000);
    expect(line.dialler.dials).toBe(dials);
    expect(line.clock.pendingTimers).toBe(0);
  },
);
