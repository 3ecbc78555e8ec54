import { describe, expect, test } from "vitest";
import type { RunInterruptedError } from "../src/run-types.ts";
import { connected, settle, text } from "./support/connected.ts";
import { type FakeExecServer, type Handler, NO_ANSWER, Refusal } from "./support/fake-exec-server.ts";

type Script = (server: FakeExecServer, processId: string) => void;

/** Answers the start, then plays the script. */
function playing(script: Script): Handler {
  return ({ processId }, server) => {
    setImmediate(() => script(server, processId));
    return { processId };
  };
}

test("a time limit says so when the command had exited and what it left held its output", async () => {
  await using line = await connected({ "process/terminate": () => ({ running: false }) });
  const ran = line.executor.run(["sh"], { timeoutMs: 2_000 });
  const failed = ran.catch((error: unknown) => error);
  await settle();
  const { processId } = line.server.of("process/start")[0] as { processId: string };
  line.server.output(processId, 1, "hi");
  line.server.exited(processId, 2, 3);
  await settle();
  await line.clock.advance(2_000);
  await settle();
  await line.clock.advance(500);
  expect(await failed).toMatchObject({
    name: "TimeoutError",
    message: "the command took more than 2000 ms; it had exited with 3, but what it left running held its output open",
    exitCode: 3,
    isEnded: false,
    partial: { stdout: "hi" },
  });
  expect(line.server.of("process/terminate")).toEqual([{ processId, includeDescendants: true }]);
});

describe("run", () => {
  test("collects both streams, and their order", async () => {
    await using line = await connected({
      "process/start": playing((server, id) => {
        server.output(id, 1, "out1 ");
        server.output(id, 2, "err1 ", "stderr");
        server.exited(id, 3, 3);
        server.output(id, 4, "out2");
        server.finished(id, 5);
      }),
    });
    expect(await line.executor.run(["a"])).toEqual({
      exitCode: 3,
      signal: undefined,
      stdout: "out1 out2",
      stderr: "err1 ",
      output: "out1 err1 out2",
      sandboxDenied: false,
      truncated: false,
      omittedBytes: { stdout: 0, stderr: 0 },
      durationMs: 0,
    });
  });

  test("puts characters together that chunks cut in two, also across the other stream", async () => {
    const [head, tail] = [Buffer.from("ä").subarray(0, 1), Buffer.from("ä").subarray(1)];
    await using line = await connected({
      "process/start": playing((server, id) => {
        const piece = (seq: number, stream: string, data: Uint8Array) =>
          server.notify("process/output", { processId: id, seq, stream, chunk: Buffer.from(data).toString("base64") });
        piece(1, "stdout", head);
        piece(2, "stderr", Buffer.from("!"));
        piece(3, "stdout", tail);
        piece(4, "stderr", head);
        server.exited(id, 5);
        server.finished(id, 6);
      }),
    });
    expect(await line.executor.run(["a"])).toMatchObject({ stdout: "ä", stderr: "!\ufffd", output: "!ä\ufffd" });
  });

  test("gives bytes when asked to", async () => {
    await using line = await connected({
      "process/start": playing((server, id) => {
        server.output(id, 1, "\ufeffx");
        server.exited(id, 2);
        server.finished(id, 3);
      }),
    });
    const { stdout, stderr } = await line.executor.run(["a"], { encoding: "bytes" });
    expect(stdout).toEqual(new Uint8Array([0xef, 0xbb, 0xbf, 0x78]));
    expect(stderr).toEqual(new Uint8Array());
  });

  test("keeps the beginning within maxOutputBytes, counts the rest, and shows all of it to onOutput", async () => {
    await using line = await connected({
      "process/start": playing((server, id) => {
        server.output(id, 1, "12345");
        server.output(id, 2, "ää", "stderr");
        server.output(id, 3, "67890");
        server.exited(id, 4);
        server.finished(id, 5);
      }),
    });
    const shown: string[] = [];
    const result = await line.executor.run(["a"], {
      maxOutputBytes: 8,
      onOutput: ({ data }) => void shown.push(text(data)),
    });
    expect(result).toMatchObject({
      stdout: "12345",
      stderr: "ä",
      output: "12345ä",
      truncated: true,
      omittedBytes: { stdout: 5, stderr: 1 },
    });
    expect(shown).toEqual(["12345", "ää", "67890"]);
  });

  test("names the signal that the exit code stands for, but not for a terminal", async () => {
    const start = playing((server, id) => {
      server.exited(id, 1, 137);
      server.finished(id, 2);
    });
    await using line = await connected({ "process/start": start });
    expect(await line.executor.run(["a"])).toMatchObject({ exitCode: 137, signal: "SIGKILL" });
    expect(await line.executor.run(["a"], { tty: true })).toMatchObject({ exitCode: 137, signal: undefined });
  });

  test("measures its time by the clock it was given", async () => {
    await using line = await connected();
    const running = line.executor.run(["a"]);
    await settle();
    await line.clock.advance(1_234);
    const [{ processId }] = line.server.of("process/start") as [{ processId: string }];
    line.server.exited(processId, 1);
    line.server.finished(processId, 2);
    expect((await running).durationMs).toBe(1_234);
  });

  test("sends input through a pipe and drops what an exited program left unread", async () => {
    await using line = await connected({
      "process/write": ({ processId }, server) => {
        server.exited(processId, 1);
        server.finished(processId, 2);
        throw new Refusal(-32603, "failed to write to process stdin");
      },
    });
    expect((await line.executor.run(["head", "-0"], { input: "text" })).exitCode).toBe(0);
    expect(line.server.of("process/start")[0]).toMatchObject({ pipeStdin: true });
    const [first, ...later] = line.server.of("process/write");
    expect(first).toMatchObject({ chunk: Buffer.from("4\ntext").toString("base64"), writeId: "1" });
    // The end may have been on its way already.
    for (const { chunk } of later) expect(chunk).toBe(Buffer.from("0\n").toString("base64"));
  });

  test("fails with the refusal of the start", async () => {
    await using line = await connected({
      "process/start": () => {
        throw new Refusal(-32603, "Permission denied (os error 13)");
      },
    });
    await expect(line.executor.run(["/etc/passwd"])).rejects.toMatchObject({
      name: "StartError",
      code: "EACCES",
      argv: ["/etc/passwd"],
      cause: { name: "RemoteError", code: -32603 },
    });
  });

  test("fails with the link error when the line is lost", async () => {
    await using line = await connected({ "process/start": playing((server) => server.hangUp()) });
    await expect(line.executor.run(["a"])).rejects.toMatchObject({
      name: "LinkError",
      code: "closed",
      delivery: "unknown",
    });
  });

  test("terminates the command and rethrows when onOutput throws", async () => {
    await using line = await connected({
      "process/start": playing((server, id) => server.output(id, 1, "a")),
      "process/terminate": ({ processId }, server) => {
        server.exited(processId, 2, 137);
        server.finished(processId, 3);
        return { running: true };
      },
    });
    const onOutput = () => {
      throw new Error("mine");
    };
    await expect(line.executor.run(["a"], { onOutput })).rejects.toThrow("mine");
    expect(line.server.of("process/terminate")).toHaveLength(1);
  });

  test("refuses a negative maxOutputBytes", async () => {
    await using line = await connected();
    await expect(line.executor.run(["a"], { maxOutputBytes: -1 })).rejects.toMatchObject({
      argument: "maxOutputBytes",
    });
    await expect(line.executor.run(["a"], { maxOutputBytes: Number.NaN })).rejects.toMatchObject({
      argument: "maxOutputBytes",
    });
  });
});

describe("a command that takes too long", () => {
  const endless: Record<string, Handler> = {
    "process/start": playing((server, id) => server.output(id, 1, "so far")),
    "process/terminate": ({ processId }, server) => {
      for (let seq = 2; seq <= 201; seq += 1) server.output(processId, seq, ".");
      server.exited(processId, 202, 137);
      server.finished(processId, 203);
      return { running: true };
    },
  };

  test("is terminated at timeoutMs; the error carries all output until then", async () => {
    await using line = await connected(endless);
    const failed = line.executor.run(["a"], { timeoutMs: 5_000 }).catch((error: unknown) => error);
    await settle();
    await line.clock.advance(4_999);
    expect(line.server.of("process/terminate")).toEqual([]);
    await line.clock.advance(1);
    expect(await failed).toMatchObject({
      name: "TimeoutError",
      code: "timeout",
      isEnded: true,
      partial: { stdout: `so far${".".repeat(200)}`, truncated: false },
    });
    expect(line.server.of("process/terminate")).toHaveLength(1);
  });

  test("is terminated by the signal, whose reason is the cause", async () => {
    await using line = await connected(endless);
    const controller = new AbortController();
    const failed = line.executor.run(["a"], { signal: controller.signal }).catch((error: unknown) => error);
    await settle();
    controller.abort("enough");
    expect(await failed).toMatchObject({ name: "AbortError", code: "aborted", cause: "enough", isEnded: true });
  });

  test("is given up after 2 s more when the executor does not answer; the error says it may still be running", async () => {
    await using line = await connected({ ...endless, "process/terminate": () => NO_ANSWER });
    const failed = line.executor.run(["a"], { timeoutMs: 100 }).catch((error: unknown) => error);
    await settle();
    await line.clock.advance(100);
    await line.clock.advance(2_000);
    const error = (await failed) as RunInterruptedError;
    expect(error).toMatchObject({ code: "timeout", isEnded: false, partial: { stdout: "so far" } });
  });

  test("is terminated later when it was aborted while it started", async () => {
    const answer = Promise.withResolvers<void>();
    await using line = await connected({
      "process/start": async ({ processId }) => {
        await answer.promise;
        return { processId };
      },
    });
    const failed = line.executor.run(["a"], { timeoutMs: 100 }).catch((error: unknown) => error);
    await settle();
    await line.clock.advance(100);
    expect(await failed).toMatchObject({ code: "timeout", isEnded: false, partial: { stdout: "" } });
    answer.resolve();
    await settle();
    expect(line.server.of("process/terminate")).toHaveLength(1);
  });

  test("leaves no listener on the signal and no timer behind when it ends in time", async () => {
    await using line = await connected({
      "process/start": playing((server, id) => {
        server.exited(id, 1);
        server.finished(id, 2);
      }),
    });
    const controller = new AbortController();
    await line.executor.run(["a"], { signal: controller.signal, timeoutMs: 100 });
    expect(line.clock.pendingTimers).toBe(0);
    controller.abort();
    await line.clock.advance(1_000);
    expect(line.server.of("process/terminate")).toEqual([]);
  });
});

describe("check", () => {
  const failing = playing((server, id) => {
    server.output(id, 1, "out");
    server.output(id, 2, "fatal: not a git repository\n", "stderr");
    server.exited(id, 3, 128);
    server.finished(id, 4);
  });

  test("makes an error of an exit code that is not 0, with the command, the result and the end of stderr", async () => {
    await using line = await connected({ "process/start": failing });
    const failed = await asTheCallerDoes(() => line.executor.run(["git", "push"], { check: true })).catch(
      (error: unknown) => error,
    );
    expect(failed).toMatchObject({
      name: "CommandFailedError",
      code: "command-failed",
      message: "command failed with exit code 128: git push\nfatal: not a git repository",
      argv: ["git", "push"],
      exitCode: 128,
      result: { exitCode: 128, stdout: "out", output: "outfatal: not a git repository\n" },
      stack: expect.stringContaining("asTheCallerDoes"),
    });
  });

  test("of bytes has the result in bytes", async () => {
    await using line = await connected({ "process/start": failing });
    const failed = line.executor.run(["git"], { check: true, encoding: "bytes" });
    await expect(failed).rejects.toMatchObject({ result: { stdout: new TextEncoder().encode("out") } });
  });

  test("lets an exit code of 0 be, and without it any exit code is a result", async () => {
    await using line = await connected({
      "process/start": playing((server, id) => {
        server.exited(id, 1, 0);
        server.finished(id, 2);
      }),
    });
    expect((await line.executor.run(["true"], { check: true })).exitCode).toBe(0);
    await using other = await connected({ "process/start": failing });
    expect((await other.executor.run(["git"])).exitCode).toBe(128);
  });
});

async function asTheCallerDoes(call: () => Promise<unknown>): Promise<unknown> {
  return await call();
}
