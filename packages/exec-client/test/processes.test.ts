import { describe, expect, test } from "vitest";
import type { RunningProcess } from "../src/process/running-process.ts";
import { collectAll, connected, settle, text } from "./support/connected.ts";
import { NO_ANSWER, Refusal } from "./support/fake-exec-server.ts";

function p(process: RunningProcess) {
  return process.id;
}

describe("start", () => {
  test("sends everything explicitly: the executor's folder and environment by default", async () => {
    await using line = await connected();
    const process = await line.executor.processes.start({ argv: ["npm", "test"] });
    expect(line.server.of("process/start")).toEqual([
      {
        processId: process.id,
        argv: ["npm", "test"],
        cwd: "file:///srv/repo",
        // By which helper commands find it, where the executor itself can not signal it.
        env: { HOLDFAST_PROCESS: expect.any(String) },
        envPolicy: { inherit: "all", ignoreDefaultExcludes: true, exclude: [], set: {}, includeOnly: [] },
        tty: false,
        pipeStdin: false,
        arg0: null,
      },
    ]);
  });

  test("gives every process an id of its own", async () => {
    await using line = await connected();
    const [a, b] = await Promise.all([
      line.executor.processes.start({ argv: ["a"] }),
      line.executor.processes.start({ argv: ["b"] }),
    ]);
    expect(a.id).not.toBe(b.id);
  });

  test("keeps events that overtake its answer", async () => {
    await using line = await connected({
      "process/start": ({ processId }, server) => {
        server.output(processId, 1, "early");
        server.exited(processId, 2, 7);
        server.finished(processId, 3);
        return { processId };
      },
    });
    const process = await line.executor.processes.start({ argv: ["quick"] });
    expect((await collectAll(process.events())).map(({ type }) => type)).toEqual(["output", "exited", "closed"]);
    expect(await process.exited).toEqual({ exitCode: 7, sandboxDenied: false });
  });

  test("keeps a flood that overtakes its answer for whoever subscribes at once", async () => {
    const block = "x".repeat(64 * 1024);
    await using line = await connected({
      "process/start": ({ processId }, server) => {
        for (let seq = 1; seq <= 48; seq += 1) server.output(processId, seq, block);
        server.exited(processId, 49, 0);
        server.finished(processId, 50);
        return { processId };
      },
    });
    const process = await line.executor.processes.start({ argv: ["yes"] });
    expect(await collectAll(process.events())).toHaveLength(50);
    expect(line.server.of("process/read")).toEqual([]);
  });

  test("may use the id of a process that is closed: whether it is free is for the executor to say", async () => {
    await using line = await connected();
    const first = await line.executor.processes.start({ argv: ["a"], processId: "job" });
    line.server.exited("job", 1);
    line.server.finished("job", 2);
    await first.closed;
    expect((await line.executor.processes.start({ argv: ["b"], processId: "job" })).id).toBe("job");
  });

  test("fails with what the executor refused, and frees the id", async () => {
    let refuse = true;
    await using line = await connected({
      "process/start": ({ processId }) => {
        if (refuse) throw new Refusal(-32603, "No such file or directory (os error 2)");
        return { processId };
      },
    });
    const options = { argv: ["/missing"], processId: "job" };
    await expect(line.executor.processes.start(options)).rejects.toMatchObject({
      name: "StartError",
      code: "ENOENT",
      cause: { name: "RemoteError", code: -32603 },
    });
    refuse = false;
    expect((await line.executor.processes.start(options)).id).toBe("job");
  });

  test("refuses an id that is in use here, without a word to the executor", async () => {
    await using line = await connected();
    await line.executor.processes.start({ argv: ["a"], processId: "job" });
    await expect(line.executor.processes.start({ argv: ["a"], processId: "job" })).rejects.toMatchObject({
      name: "InvalidArgumentError",
      argument: "processId",
    });
    expect(line.server.of("process/start")).toHaveLength(1);
  });

  test("refuses an empty argv and a relative cwd before anything is sent", async () => {
    await using line = await connected();
    const { processes } = line.executor;
    await expect(processes.start({ argv: [] })).rejects.toMatchObject({ argument: "argv" });
    await expect(processes.start({ argv: ["a"], cwd: "repo" })).rejects.toMatchObject({ argument: "cwd" });
    expect(line.server.of("process/start")).toEqual([]);
  });

  test("asks for cwd where the executor does not tell its own", async () => {
    await using line = await connected({
      initialize: () => ({ sessionId: "s", environmentInfo: { shell: { name: "sh", path: "/bin/sh" } } }),
    });
    await expect(line.executor.processes.start({ argv: ["a"] })).rejects.toMatchObject({ argument: "cwd" });
    await line.executor.processes.start({ argv: ["a"], cwd: "/repo" });
    expect(line.server.of("process/start")[0]).toMatchObject({ cwd: "file:///repo" });
  });

  test("that is aborted terminates the process once the start is answered, not before", async () => {
    const answer = Promise.withResolvers<void>();
    await using line = await connected({
      "process/start": async ({ processId }) => {
        await answer.promise;
        return { processId };
      },
    });
    const controller = new AbortController();
    const started = line.executor.processes.start({ argv: ["a"], processId: "job" }, { signal: controller.signal });
    const failed = expect(started).rejects.toMatchObject({ name: "AbortError", code: "aborted", delivery: "unknown" });
    await settle();
    controller.abort();
    await failed;
    await settle();
    expect(line.server.of("process/terminate")).toEqual([]);
    answer.resolve();
    await settle();
    expect(line.server.of("process/terminate")).toEqual([{ processId: "job", includeDescendants: true }]);
  });

  test("with an aborted signal is not sent", async () => {
    await using line = await connected();
    const started = line.executor.processes.start({ argv: ["a"] }, { signal: AbortSignal.abort() });
    await expect(started).rejects.toMatchObject({ code: "aborted", delivery: "not-sent" });
    expect(line.server.of("process/start")).toEqual([]);
  });

  test("fails with delivery unknown when the line is lost before the answer", async () => {
    await using line = await connected({
      "process/start": (_, server) => {
        server.hangUp();
        return NO_ANSWER;
      },
    });
    await expect(line.executor.processes.start({ argv: ["a"] })).rejects.toMatchObject({
      code: "closed",
      delivery: "unknown",
      method: "process/start",
    });
  });
});

describe("streams", () => {
  test("stdout, stderr and output carry their bytes and end with the close", async () => {
    await using line = await connected();
    const process = await line.executor.processes.start({ argv: ["a"] });
    const { stdout, stderr, output } = process;
    line.server.output(p(process), 1, "o1");
    line.server.output(p(process), 2, "e1", "stderr");
    line.server.exited(p(process), 3);
    line.server.output(p(process), 4, "o2");
    line.server.finished(p(process), 5);
    const read = async (stream: ReadableStream<Uint8Array>) => text(Buffer.concat(await collectAll(stream)));
    expect(await Promise.all([read(stdout), read(stderr), read(output)])).toEqual(["o1o2", "e1", "o1e1o2"]);
    expect(process.stdout).toBe(stdout);
  });

  test("a terminal's output is on stdout", async () => {
    await using line = await connected();
    const process = await line.executor.processes.start({ argv: ["a"], tty: true });
    line.server.output(p(process), 1, "$ ", "pty");
    line.server.exited(p(process), 2);
    line.server.finished(p(process), 3);
    expect(text(Buffer.concat(await collectAll(process.stdout)))).toBe("$ ");
    expect(await collectAll(process.stderr)).toEqual([]);
  });

  test("error with the link error when the line is lost", async () => {
    await using line = await connected();
    const process = await line.executor.processes.start({ argv: ["a"] });
    const reading = collectAll(process.stdout);
    const failed = expect(reading).rejects.toMatchObject({ code: "closed" });
    await settle();
    line.server.hangUp();
    await failed;
  });

  test("can be cancelled while they wait", async () => {
    await using line = await connected();
    const process = await line.executor.processes.start({ argv: ["a"] });
    const reader = process.stdout.getReader();
    const waiting = reader.read();
    await settle();
    await reader.cancel();
    expect(await waiting).toEqual({ done: true, value: undefined });
  });
});

describe("write", () => {
  test("goes out in order, numbered from 1", async () => {
    await using line = await connected({
      "process/write": async () => {
        await settle();
        return { status: "accepted" };
      },
    });
    const process = await line.executor.processes.start({ argv: ["a"], pipeStdin: true });
    const reused = Buffer.from("b");
    const writes = [process.write("ä"), process.write(reused), process.write("c")];
    reused.write("!");
    await Promise.all(writes);
    const sent = line.server.of("process/write");
    expect(sent.map(({ writeId }) => writeId)).toEqual(["1", "2", "3"]);
    expect(sent.map((params) => Buffer.from(String(params.chunk), "base64").toString())).toEqual(["ä", "b", "c"]);
  });

  test("cuts long input into blocks", async () => {
    await using line = await connected();
    const process = await line.executor.processes.start({ argv: ["a"], pipeStdin: true });
    const data = Buffer.alloc(600_000, "0123456789");
    await process.write(data);
    const blocks = line.server.of("process/write").map((params) => Buffer.from(String(params.chunk), "base64"));
    expect(blocks.map(({ byteLength }) => byteLength)).toEqual([262_144, 262_144, 75_712]);
    expect(Buffer.concat(blocks).equals(data)).toBe(true);
  });

  test.each(["stdinClosed", "unknownProcess", "starting"] as const)("fails with %s as its code", async (status) => {
    await using line = await connected({ "process/write": () => ({ status }) });
    const process = await line.executor.processes.start({ argv: ["a"] });
    await expect(process.write("x")).rejects.toMatchObject({ name: "ProcessInputError", code: status });
  });

  test("that fails does not keep the next one from being tried", async () => {
    let first = true;
    await using line = await connected({
      "process/write": () => {
        if (!first) return { status: "accepted" };
        first = false;
        throw new Refusal(-32603, "failed to write to process stdin");
      },
    });
    const process = await line.executor.processes.start({ argv: ["a"], pipeStdin: true });
    const [lost, kept] = await Promise.allSettled([process.write("a"), process.write("b")]);
    expect(lost).toMatchObject({
      status: "rejected",
      reason: { name: "ProcessInputError", code: "exited", cause: { code: -32603 } },
    });
    expect(kept.status).toBe("fulfilled");
  });
});

describe("control", () => {
  test("interrupt signals, terminate tells whether it was running", async () => {
    await using line = await connected({ "process/terminate": () => ({ running: true }) });
    const process = await line.executor.processes.start({ argv: ["a"], processId: "job" });
    await process.interrupt();
    expect(await process.terminate()).toEqual({ running: true });
    expect(line.server.of("process/signal")).toEqual([{ processId: "job", signal: "interrupt" }]);
  });

  test("dispose terminates a process that runs and waits for its close", async () => {
    await using line = await connected({
      "process/terminate": ({ processId }, server) => {
        server.exited(processId, 1, 137);
        server.finished(processId, 2);
        return { running: true };
      },
    });
    const process = await line.executor.processes.start({ argv: ["a"] });
    await process[Symbol.asyncDispose]();
    expect(await process.closed).toMatchObject({ exitCode: 137 });
  });

  test("dispose gives up after 2 s on an executor that does not answer", async () => {
    await using line = await connected({ "process/terminate": () => NO_ANSWER });
    const process = await line.executor.processes.start({ argv: ["a"] });
    const disposed = process[Symbol.asyncDispose]();
    await settle();
    await line.clock.advance(2_000);
    await disposed;
  });
});
