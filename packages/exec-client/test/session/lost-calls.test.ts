import { describe, expect, test } from "vitest";
import type { Executor } from "../../src/executor.ts";
import { FRUITLESS_REOPENS_MAX } from "../../src/limits.ts";
import { collectAll, settle, text } from "../support/connected.ts";
import { type Recoverable, recoverable } from "../support/dialler.ts";
import { LINUX_INFO, NO_ANSWER, readResult } from "../support/fake-exec-server.ts";

/** Methods that the first line leaves without an answer. */
async function unanswered(...methods: string[]): Promise<Recoverable> {
  const capabilities = { ...LINUX_INFO.capabilities, holdfastConnections: true };
  const line = await recoverable({
    initialize: () => ({ sessionId: "session-1", environmentInfo: { ...LINUX_INFO, capabilities } }),
    "process/read": () => readResult({ nextSeq: 1 }),
    "fs/readFile": () => ({ dataBase64: "YQ==" }),
    "fs/getMetadata": () => ({
      isDirectory: false,
      isFile: true,
      isSymlink: false,
      size: 1,
      createdAtMs: 0,
      modifiedAtMs: 0,
    }),
    "fs/canonicalize": () => ({ path: "file:///a" }),
    "fs/readDirectory": () => ({ entries: [] }),
    "fs/walk": () => ({ entries: [], errors: [], truncated: false }),
    "fs/writeFile": () => ({}),
    "fs/remove": () => ({}),
    "fs/open": ({ handleId }) => ({ handleId }),
    "environment/info": () => ({ shell: { name: "sh", path: "/bin/sh" } }),
    "environment/status": () => ({ status: "ready" }),
  });
  for (const method of methods) line.dialler.last.on(method, () => NO_ANSWER);
  return line;
}

const ambiguous = { name: "LinkError", code: "closed", delivery: "unknown" };

describe("on the line when it broke:", () => {
  test("a write is sent again with the number it had, and later ones follow", async () => {
    await using line = await unanswered("process/write");
    const process = await line.executor.processes.start({ argv: ["cat"], processId: "p", pipeStdin: true });
    const writes = Promise.all([process.write("one"), process.write("two")]);
    await settle();
    const [sent] = line.dialler.last.of("process/write");
    await line.cut();
    await writes;
    const again = line.dialler.last.of("process/write");
    expect(again[0]).toEqual(sent);
    expect(again.map(({ writeId }) => writeId)).toEqual(["1", "2"]);
  });

  const looks: [string, (executor: Executor) => Promise<unknown>][] = [
    ["fs/readFile", ({ fs }) => fs.readFile("/a")],
    ["fs/getMetadata", ({ fs }) => fs.metadata("/a")],
    ["fs/canonicalize", ({ fs }) => fs.canonicalize("/a")],
    ["fs/readDirectory", ({ fs }) => fs.readDirectory("/a")],
    ["fs/walk", ({ fs }) => fs.walk("/a")],
    ["environment/info", (executor) => executor.environmentInfo()],
    ["environment/status", (executor) => executor.status()],
  ];
  test.each(looks)("%s changes nothing and is asked again", async (method, call) => {
    await using line = await unanswered(method);
    const asked = call(line.executor);
    await settle();
    await line.cut();
    await asked;
    expect(line.dialler.last.of(method)).toHaveLength(1);
  });

  test("a question that costs two lines is not asked a third time", async () => {
    await using line = await unanswered("fs/readFile");
    line.dialler.plans.push({ "fs/readFile": () => NO_ANSWER });
    const asked = expect(line.executor.fs.readFile("/a")).rejects.toMatchObject(ambiguous);
    await settle();
    await line.cut();
    await line.cut();
    await asked;
    await line.clock.advance(100);
    await settle();
    expect(line.executor.state).toBe("connected");
    expect(line.dialler.last.of("fs/readFile")).toEqual([]);
  });

  const changes: [string, (executor: Executor) => Promise<unknown>][] = [
    ["fs/writeFile", ({ fs }) => fs.writeFile("/a", "x")],
    ["fs/createDirectory", ({ fs }) => fs.createDirectory("/a")],
    ["fs/remove", ({ fs }) => fs.remove("/a")],
    ["fs/copy", ({ fs }) => fs.copy("/a", "/b")],
    ["fs/open", ({ fs }) => fs.open("/a")],
  ];
  test.each(changes)("%s may have happened: it fails at once and is never repeated", async (method, call) => {
    await using line = await unanswered(method);
    line.dialler.plans.push("nobody");
    const failed = expect(call(line.executor)).rejects.toMatchObject({ ...ambiguous, method });
    await settle();
    await line.cut();
    await failed;
    expect(line.executor.state).toBe("recovering");
    await line.clock.advance(100);
    await settle();
    expect(line.executor.state).toBe("connected");
    expect(line.dialler.last.of(method)).toEqual([]);
  });

  test.each(["process/signal", "process/terminate"])("%s fails at once and is never repeated", async (method) => {
    await using line = await unanswered(method);
    const process = await line.executor.processes.start({ argv: ["a"], processId: "p" });
    const called = method === "process/signal" ? process.interrupt() : process.terminate();
    const failed = expect(called).rejects.toMatchObject({ ...ambiguous, method });
    await settle();
    await line.cut();
    await failed;
    expect(line.dialler.last.of(method)).toEqual([]);
  });

  test("a start fails at once, and what it may have started is terminated before its name is used again", async () => {
    await using line = await unanswered("process/start");
    line.dialler.plans.push("nobody");
    const failed = expect(line.executor.processes.start({ argv: ["a"], processId: "job" })).rejects.toMatchObject(
      ambiguous,
    );
    await settle();
    await line.cut();
    await failed;
    const again = line.executor.processes.start({ argv: ["b"], processId: "job" });
    await line.clock.advance(100);
    expect((await again).id).toBe("job");
    expect(line.dialler.last.received).toMatchObject([
      { method: "initialize" },
      { method: "initialized" },
      { method: "process/terminate", params: { processId: "job" } },
      { method: "process/start", params: { processId: "job", argv: ["b"] } },
    ]);
  });

  test("a connection that may have been opened is ended", async () => {
    await using line = await unanswered("holdfast/openConnection");
    const failed = expect(line.executor.processes.openConnection({ port: 1 })).rejects.toMatchObject(ambiguous);
    await settle();
    const [asked] = line.dialler.last.of("holdfast/openConnection");
    await line.cut();
    await failed;
    await settle();
    expect(line.dialler.last.of("process/terminate")).toMatchObject([{ processId: asked?.processId }]);
  });

  test("a start that was given up is cleaned up just the same", async () => {
    await using line = await unanswered("process/start");
    const { signal, abort } = abortable();
    const failed = expect(
      line.executor.processes.start({ argv: ["a"], processId: "job" }, { signal }),
    ).rejects.toMatchObject({ code: "aborted" });
    await settle();
    abort();
    await failed;
    await line.cut();
    expect(line.dialler.last.of("process/terminate")).toEqual([{ processId: "job", includeDescendants: true }]);
  });

  test("the clean-up of a process that is let go is repeated until it is answered", async () => {
    await using line = await unanswered("process/terminate");
    line.dialler.plans.push({ "process/terminate": () => NO_ANSWER });
    const process = await line.executor.processes.start({ argv: ["a"], processId: "p" });
    const disposed = process[Symbol.asyncDispose]();
    await settle();
    await line.cut();
    expect(line.dialler.last.of("process/terminate")).toHaveLength(1);
    await line.cut();
    await line.clock.advance(100);
    await settle();
    expect(line.dialler.last.of("process/terminate")).toHaveLength(1);
    await disposed;
  });

  test("an open file is gone with its connection; its name is not tried on another one", async () => {
    await using line = await unanswered("fs/readBlock");
    const handle = await line.executor.fs.open("/a");
    const failed = expect(handle.read(0, 10)).rejects.toMatchObject(ambiguous);
    await settle();
    await line.cut();
    await failed;
    await expect(handle.read(0, 10)).rejects.toMatchObject({ name: "LinkError", code: "closed", delivery: "not-sent" });
    await expect(handle.close()).rejects.toMatchObject({ name: "LinkError", code: "closed" });
    expect(line.dialler.last.of("fs/readBlock")).toEqual([]);
    expect(line.dialler.last.of("fs/close")).toEqual([]);
    expect((await line.executor.fs.open("/a")).close).toBeTypeOf("function");
  });

  test("a stream of a file is asked again on the next ones, and fails when none of them brings a byte", async () => {
    await using line = await unanswered("fs/readBlock");
    const reader = line.executor.fs.createReadStream("/a").getReader();
    const failed = reader.read().catch((error: unknown) => error);
    await settle();
    for (let cuts = 0; cuts < FRUITLESS_REOPENS_MAX; cuts += 1) {
      line.dialler.plans.push({ "fs/readBlock": () => NO_ANSWER });
      await line.cut();
      await line.clock.advance(10_000);
      await settle();
      expect(line.dialler.last.of("fs/readBlock")).toHaveLength(1);
    }
    await line.cut();
    expect(await failed).toMatchObject({ name: "LinkError", code: "closed" });
  });
});

describe("made while there is no line:", () => {
  const waitingLine = async (): Promise<Recoverable> => {
    const line = await unanswered();
    line.dialler.plans.push("nobody");
    await line.cut();
    return line;
  };

  test("calls of every kind wait, and go out in the order in which they were made", async () => {
    await using line = await waitingLine();
    const { executor } = line;
    const calls = Promise.all([
      executor.fs.writeFile("/1", "x"),
      executor.processes.start({ argv: ["a"], processId: "2" }),
      executor.fs.readFile("/3"),
      executor.fs.open("/4"),
      executor.fs.remove("/5", { force: true }),
      executor.status(),
    ]);
    await line.clock.advance(100);
    await calls;
    const methods = line.dialler.last.received.map(({ method }) => method).slice(2);
    // A handle takes a turn more: it is bound to the connection first.
    expect(methods.filter((method) => method !== "fs/open")).toEqual([
      "fs/writeFile",
      "process/start",
      // A file is asked for its size first, to know in what way to read it.
      "fs/getMetadata",
      "fs/remove",
      "environment/status",
      "fs/readFile",
    ]);
    expect(methods).toContain("fs/open");
  });

  test("what was on the broken line goes out before them", async () => {
    await using line = await unanswered("fs/readFile");
    line.dialler.plans.push("nobody");
    const first = line.executor.fs.readFile("/first");
    await settle();
    await line.cut();
    const second = line.executor.fs.readFile("/second");
    await line.clock.advance(100);
    await Promise.all([first, second]);
    expect(line.dialler.last.of("fs/readFile").map(({ path }) => path)).toEqual(["file:///first", "file:///second"]);
  });

  test("a call waits no longer than its own time, and is not sent", async () => {
    await using line = await waitingLine();
    const failed = expect(line.executor.fs.writeFile("/a", "x", { timeoutMs: 60 })).rejects.toMatchObject({
      name: "TimeoutError",
      code: "timeout",
      delivery: "not-sent",
    });
    await line.clock.advance(60);
    await failed;
    await line.clock.advance(40);
    await settle();
    expect(line.executor.state).toBe("connected");
    expect(line.dialler.last.of("fs/writeFile")).toEqual([]);
  });

  test("waiting for a line and for the answer share one time limit", async () => {
    await using line = await waitingLine();
    line.dialler.plans.push({ "fs/writeFile": () => NO_ANSWER });
    const failed = expect(line.executor.fs.writeFile("/a", "x", { timeoutMs: 150 })).rejects.toMatchObject({
      code: "timeout",
      delivery: "unknown",
    });
    await line.clock.advance(100);
    await settle();
    expect(line.dialler.last.of("fs/writeFile")).toHaveLength(1);
    await line.clock.advance(50);
    await failed;
  });

  test("opening a file waits no longer than its own time, before and after", async () => {
    await using line = await waitingLine();
    line.dialler.plans.push({ "fs/open": () => NO_ANSWER });
    const failed = expect(line.executor.fs.open("/a", { timeoutMs: 150 })).rejects.toMatchObject({ code: "timeout" });
    await line.clock.advance(149);
    await settle();
    expect(line.dialler.last.of("fs/open")).toHaveLength(1);
    await line.clock.advance(1);
    await failed;
  });

  test("a call that is aborted is not sent", async () => {
    await using line = await waitingLine();
    const { signal, abort } = abortable();
    const failed = expect(line.executor.fs.writeFile("/a", "x", { signal })).rejects.toMatchObject({
      code: "aborted",
      delivery: "not-sent",
      cause: "enough",
    });
    abort();
    await failed;
    await expect(line.executor.fs.stat("/a", { signal })).rejects.toMatchObject({ code: "aborted" });
    await line.clock.advance(100);
    await settle();
    expect(line.dialler.last.received.map(({ method }) => method)).toEqual(["initialize", "initialized"]);
  });

  test("no more than 65,536 wait, and all of those go on", async () => {
    await using line = await waitingLine();
    const calls = Array.from({ length: 65_537 }, () => line.executor.fs.canonicalize("/a").catch((error) => error));
    await expect(calls[65_536]).resolves.toMatchObject({
      code: "busy",
      delivery: "not-sent",
      message: "the limit of 65536 calls that wait for a reconnect is reached",
    });
    await line.clock.advance(100);
    expect(new Set(await Promise.all(calls.slice(0, 65_536)))).toEqual(new Set(["file:///a"]));
  });

  test("run waits too, and its own time includes the wait", async () => {
    await using line = await waitingLine();
    const ran = line.executor.run(["a"]);
    await line.clock.advance(100);
    await settle();
    const [{ processId } = { processId: "" }] = line.dialler.last.of("process/start") as { processId: string }[];
    line.dialler.last.output(processId, 1, "out");
    line.dialler.last.exited(processId, 2);
    line.dialler.last.finished(processId, 3);
    expect(await ran).toMatchObject({ exitCode: 0, stdout: "out", durationMs: 100 });
  });

  test("streams of output simply pause", async () => {
    await using line = await unanswered();
    const process = await line.executor.processes.start({ argv: ["a"], processId: "p" });
    const output = collectAll(process.stdout);
    await line.cut();
    line.dialler.last.output("p", 1, "after");
    line.dialler.last.exited("p", 2);
    line.dialler.last.finished("p", 3);
    expect((await output).map(text)).toEqual(["after"]);
  });
});

function abortable() {
  const controller = new AbortController();
  return { signal: controller.signal, abort: () => controller.abort("enough") };
}
