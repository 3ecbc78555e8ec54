import { describe, expect, test } from "vitest";
import type { RunningProcess } from "../src/process/running-process.ts";
import { connected, settle } from "./support/connected.ts";
import { type Handler, LINUX_INFO, NO_ANSWER } from "./support/fake-exec-server.ts";

const OURS = { ...LINUX_INFO, capabilities: { holdfastOutputHold: true, holdfastProcessControl: true } };
const WINDOWS = {
  shell: { name: "powershell", path: "C:\\pwsh.exe" },
  cwd: "file:///C:/repo",
  platformOs: "windows",
  capabilities: {},
};

function executor(info: object, handlers: Record<string, Handler> = {}) {
  return connected({
    initialize: () => ({ sessionId: "session-1", environmentInfo: info }),
    "holdfast/closeStdin": () => ({ status: "accepted" }),
    "holdfast/signalProcess": () => ({ delivered: true }),
    "holdfast/resizeTerminal": () => ({}),
    "process/start": ({ processId }) => ({ processId, holdfast: { pid: 4_711 } }),
    ...handlers,
  });
}

/** Ends at once, with this code. */
function endingWith(exitCode: number): Handler {
  return ({ processId }, server) => {
    setImmediate(() => {
      server.exited(processId, 1, exitCode);
      server.finished(processId, 2);
    });
    return { processId };
  };
}

/** The helper commands that ran beside the process. */
function helpers(starts: readonly Record<string, unknown>[]): readonly string[][] {
  return starts.map(({ argv }) => argv as string[]).filter(([program]) => program === "/bin/sh");
}

describe("an executor with holdfastProcessControl", () => {
  test("is asked for the pid with every start, and for the size and the user where they are given", async () => {
    await using line = await executor(OURS);
    const process = await line.executor.processes.start({ argv: ["a"] });
    expect(process.pid).toBe(4_711);
    const size = { rows: 40, columns: 120, extra: 1 };
    await line.executor.processes.start({ argv: ["a"], terminal: size, user: "nobody" });
    const [plain, sized] = line.server.of("process/start");
    expect(plain).toMatchObject({ env: {}, tty: false, holdfast: {} });
    expect(sized).toMatchObject({ tty: true });
    expect(sized?.holdfast).toEqual({ terminal: { rows: 40, columns: 120 }, user: "nobody" });
  });

  test("closes stdin behind the writes, once", async () => {
    await using line = await executor(OURS);
    const process = await line.executor.processes.start({ argv: ["cat"], stdin: "pipe" });
    await Promise.all([process.write("a"), process.write("b"), process.closeStdin(), process.closeStdin()]);
    const sent = line.server.received.map(({ method }) => method);
    expect(sent.slice(-4)).toEqual(["process/start", "process/write", "process/write", "holdfast/closeStdin"]);
    await expect(process.write("c")).rejects.toMatchObject({ name: "ProcessInputError", code: "stdinClosed" });
    expect(await process.acceptsInput()).toBe(false);
  });

  test("is not asked to close the stdin of a process that has ended", async () => {
    await using line = await executor(OURS, { "process/start": endingWith(0) });
    const process = await line.executor.processes.start({ argv: ["cat"], stdin: "pipe" });
    await process.closed;
    await process.closeStdin();
    expect(line.server.of("holdfast/closeStdin")).toEqual([]);
  });

  test("a process without a stdin has none to close", async () => {
    await using line = await executor(OURS, { "holdfast/closeStdin": () => ({ status: "stdinClosed" }) });
    const process = await line.executor.processes.start({ argv: ["a"] });
    await expect(process.closeStdin()).rejects.toMatchObject({ name: "ProcessInputError", code: "stdinClosed" });
  });

  test("gets the input and its end; an empty one takes no pipe", async () => {
    await using line = await executor(OURS);
    const process = await line.executor.processes.start({ argv: ["cat"], input: "text" });
    await process.inputSent;
    expect(line.server.of("process/start")[0]).toMatchObject({ argv: ["cat"], pipeStdin: true });
    expect(line.server.of("process/write")).toMatchObject([{ chunk: Buffer.from("text").toString("base64") }]);
    expect(line.server.of("holdfast/closeStdin")).toEqual([{ processId: process.id }]);
    await line.executor.processes.start({ argv: ["cat"], input: "" });
    expect(line.server.of("process/start")[1]).toMatchObject({ pipeStdin: false });
  });

  test("sends signals; SIGINT and SIGKILL go the way that every executor has", async () => {
    await using line = await executor(OURS, { "process/terminate": () => ({ running: true }) });
    const process = await line.executor.processes.start({ argv: ["a"] });
    expect([await process.kill(), await process.kill("SIGUSR1")]).toEqual([true, true]);
    expect([await process.kill("SIGINT"), await process.kill("SIGKILL")]).toEqual([true, true]);
    const { id: processId } = process;
    expect(line.server.of("holdfast/signalProcess")).toEqual([
      { processId, signal: "SIGTERM" },
      { processId, signal: "SIGUSR1" },
    ]);
    expect(line.server.of("process/signal")).toEqual([{ processId, signal: "interrupt" }]);
    expect(line.server.of("process/terminate")).toHaveLength(1);
  });

  test.each<[string, (line: Awaited<ReturnType<typeof executor>>, process: RunningProcess) => Promise<unknown>]>([
    ["holdfast/signalProcess", (_, process) => process.kill()],
    ["holdfast/resizeTerminal", (_, process) => process.resize({ rows: 1, columns: 1 })],
    ["holdfast/closeStdin", (_, process) => process.closeStdin()],
    ["holdfast/listProcesses", (line) => line.executor.processes.list()],
  ])("%s that is never answered fails after 60 s", async (method, ask) => {
    await using line = await executor(OURS, { [method]: () => NO_ANSWER });
    const process = await line.executor.processes.start({ argv: ["a"], stdin: "pipe" });
    const failed = expect(ask(line, process)).rejects.toMatchObject({ code: "timeout", delivery: "unknown", method });
    await settle();
    await line.clock.advance(60_000);
    await failed;
  });

  test("ends a process with all that it started, also when it has ended, and is told how long one may live alone", async () => {
    const capabilities = { ...OURS.capabilities, holdfastProcessEnding: true };
    await using line = await executor(
      { ...OURS, capabilities },
      {
        "holdfast/endProcess": ({ processId }, server) => {
          setImmediate(() => {
            server.exited(processId, 1, 0);
            server.finished(processId, 2);
          });
          return { running: true };
        },
      },
    );
    const process = await line.executor.processes.start({ argv: ["a"], maxDetachedMs: 2_000 });
    expect(line.server.of("process/start")[0]?.holdfast).toEqual({ maxDetachedMs: 2_000 });
    await process.end();
    await process.closed;
    await process.end({ graceMs: 0, forget: true });
    expect(line.server.of("holdfast/endProcess")).toEqual([
      { processId: process.id, graceMs: 5_000 },
      { processId: process.id, graceMs: 0, forget: true },
    ]);
    await expect(process.end({ graceMs: 30_001 })).rejects.toThrow("graceMs must be an integer from 0 to 30000");
  });

  test("that can't bound how long a process lives alone says so, and starts none", async () => {
    await using line = await executor(OURS);
    await expect(line.executor.processes.start({ argv: ["a"], maxDetachedMs: 2_000 })).rejects.toMatchObject({
      name: "UnsupportedError",
      message: expect.stringContaining("the capability holdfastProcessEnding"),
    });
    expect(line.server.of("process/start")).toEqual([]);
  });

  test("resizes", async () => {
    await using line = await executor(OURS);
    const process = await line.executor.processes.start({ argv: ["a"], tty: true });
    await process.resize({ rows: 50, columns: 99 });
    expect(line.server.of("holdfast/resizeTerminal")).toEqual([{ processId: process.id, rows: 50, columns: 99 }]);
  });

  test("lists its processes, page by page, and stops at a page without any", async () => {
    const listed = (processId: string) => ({
      processId,
      argv: ["a"],
      isArgvCut: false,
      cwd: "file:///",
      isTerminal: false,
      startedAtMs: 1_000,
      exitCode: null,
      isClosed: false,
    });
    const pages: Record<string, object> = {
      first: { processes: [{ ...listed("a"), pid: 5 }, listed("b")], hasMore: true },
      b: { processes: [{ ...listed("c"), exitCode: 3, isClosed: true }], hasMore: true },
      c: { processes: [], hasMore: true },
    };
    await using line = await executor(OURS, {
      "holdfast/listProcesses": (params) =>
        pages[(params as unknown as { afterProcessId?: string }).afterProcessId ?? "first"],
    });
    const all = await line.executor.processes.list();
    expect(all.map(({ id, pid, exitCode, isClosed }) => [id, pid, exitCode, isClosed])).toEqual([
      ["a", 5, undefined, false],
      ["b", undefined, undefined, false],
      ["c", undefined, 3, true],
    ]);
    expect(all[0]?.startedAt).toEqual(new Date(1_000));
    const again = { processes: [listed("a")], hasMore: true };
    await using endless = await executor(OURS, { "holdfast/listProcesses": () => again });
    await expect(endless.executor.processes.list()).rejects.toMatchObject({ name: "InvalidMessageError" });
    expect(endless.server.of("holdfast/listProcesses")).toHaveLength(2);
  });
});

describe("a release of Codex", () => {
  test("starts a command with input behind sh, and gets frames", async () => {
    await using line = await executor(LINUX_INFO);
    const process = await line.executor.processes.start({ argv: ["cat", "-"], input: "text" });
    await process.inputSent;
    const [started] = line.server.of("process/start") as [{ argv: string[]; pipeStdin: boolean; holdfast?: object }];
    expect([started.argv[0], ...started.argv.slice(-2), started.pipeStdin]).toEqual(["/bin/sh", "cat", "-", true]);
    expect("holdfast" in started).toBe(false);
    const written = line.server.of("process/write").map(({ chunk }) => Buffer.from(String(chunk), "base64").toString());
    expect(written).toEqual(["4\ntext", "0\n"]);
  });

  test.each([["terminal", { terminal: { rows: 40, columns: 120 } }, ["40", "120", "vi"]]])(
    "sets the size of a %s before the command",
    async (_, options, words) => {
      await using line = await executor(LINUX_INFO);
      await line.executor.processes.start({ argv: ["vi"], ...options });
      const [started] = line.server.of("process/start") as [{ argv: string[]; tty: boolean }];
      expect([started.tty, started.argv.slice(-3)]).toEqual([true, words]);
    },
  );

  test.each<[number, boolean]>([
    [0, true],
    [3, false],
  ])("a helper command that ends with %i: delivered %s", async (exitCode, delivered) => {
    const answer: Handler = (params, server) => {
      const { argv, processId } = params as unknown as { argv: string[]; processId: string };
      return argv[0] === "/bin/sh" ? endingWith(exitCode)(params, server) : { processId };
    };
    await using line = await executor(LINUX_INFO, { "process/start": answer });
    const process = await line.executor.processes.start({ argv: ["a"] });
    expect(await process.kill("SIGHUP")).toBe(delivered);
    const [started] = line.server.of("process/start") as [{ env: Record<string, string> }];
    const [helper] = helpers(line.server.of("process/start"));
    expect(helper?.slice(-3)).toEqual([started.env.HOLDFAST_PROCESS, "plain", "HUP"]);
  });

  test("a helper command that finds no way is an UnsupportedError", async () => {
    const started: Handler = (params, server) => {
      const { argv, processId } = params as unknown as { argv: string[]; processId: string };
      return argv[0] === "/bin/sh" ? endingWith(4)(params, server) : { processId };
    };
    await using line = await executor(LINUX_INFO, { "process/start": started });
    const process = await line.executor.processes.start({ argv: ["a"] });
    const unsupported = { name: "UnsupportedError", code: "unsupported" };
    await expect(process.kill()).rejects.toMatchObject({ ...unsupported, operation: 'process.kill("SIGTERM")' });
    await expect(process.resize({ rows: 1, columns: 1 })).rejects.toMatchObject({ ...unsupported });
  });

  test("marks what start starts, and a run with a killSignal that takes a helper, whatever mark the caller passes on", async () => {
    await using line = await executor(LINUX_INFO, { "process/start": endingWith(0) });
    const { executor: remote } = line;
    await remote.processes.start({ argv: ["a"], env: { HOLDFAST_PROCESS: "mine" } });
    await remote.run(["b"]);
    await remote.run(["c"], { killSignal: "SIGINT" });
    await remote.run(["d"], { killSignal: "SIGTERM" });
    const marks = line.server.of("process/start").map(({ env }) => (env as Record<string, string>).HOLDFAST_PROCESS);
    const mark = expect.stringMatching(/^[0-9a-f-]{36}$/);
    expect(marks).toEqual([mark, undefined, undefined, mark]);
  });

  test.each([
    ["user", () => ({ user: "nobody" })],
    ["arg0 with stdin", () => ({ input: "a", arg0: "b" })],
  ])("%s is an UnsupportedError, and nothing is sent", async (operation, options) => {
    await using line = await executor(LINUX_INFO);
    await expect(line.executor.run(["a"], options())).rejects.toMatchObject({ name: "UnsupportedError", operation });
    expect(line.server.of("process/start")).toEqual([]);
  });

  test("can not list processes, nor close a plain pipe", async () => {
    await using line = await executor(LINUX_INFO);
    const unsupported = { name: "UnsupportedError", lacks: expect.stringContaining("holdfastProcessControl") };
    await expect(line.executor.processes.list()).rejects.toMatchObject(unsupported);
    const process = await line.executor.processes.start({ argv: ["a"], pipeStdin: true });
    await process.write("a");
    await expect(process.closeStdin()).rejects.toMatchObject(unsupported);
  });
});

describe("a release of Codex on Windows", () => {
  test.each([
    ["stdin", { input: "a" }],
    ["stdin", { stdin: "pipe" as const }],
    ["stdin", { stdin: "file" as const }],
    ["terminal", { terminal: { rows: 1, columns: 1 } }],
    ['killSignal: "SIGTERM"', { killSignal: "SIGTERM" as const }],
  ])("%s is an UnsupportedError, and nothing is sent", async (operation, options) => {
    await using line = await executor(WINDOWS);
    const refused = line.executor.processes.start({ argv: ["a"], ...options });
    await expect(refused).rejects.toMatchObject({ name: "UnsupportedError", operation });
    expect(line.server.of("process/start")).toEqual([]);
  });

  test("is interrupted and terminated, and has no way to other signals", async () => {
    await using line = await executor(WINDOWS);
    const process = await line.executor.processes.start({ argv: ["a"], killSignal: "SIGINT" });
    await process.kill("SIGINT");
    await process.kill("SIGKILL");
    await expect(process.kill()).rejects.toMatchObject({ name: "UnsupportedError" });
    expect(line.server.of("process/start")).toHaveLength(1);
  });
});

describe("options that can not be used", () => {
  test.each<[string, object]>([
    ["input", { input: 5 }],
    ["input", { input: "a", stdin: "none" }],
    ["input", { input: "a", stdin: new Blob(["b"]) }],
    ["stdin", { stdin: "text" }],
    ["stdin", { stdin: "file", tty: true }],
    ["terminal.rows", { terminal: { rows: 0, columns: 80 } }],
    ["terminal.columns", { terminal: { rows: 24, columns: 65_536 } }],
    ["terminal", { terminal: 24 }],
    ["terminal", { terminal: { rows: 24, columns: 80 }, tty: false }],
    ["killSignal", { killSignal: "TERM" }],
    ["killSignal", { killSignal: 15 }],
    ["killGraceMs", { killGraceMs: -1 }],
    ["killGraceMs", { killGraceMs: Number.NaN }],
    ["user", { user: 5 }],
    ["user", { user: "" }],
    ["signal", { signal: {} }],
    ["terminateOnClose", { terminateOnClose: 1 }],
  ])("%s: %o", async (argument, options) => {
    await using line = await executor(OURS);
    const refused = line.executor.processes.start({ argv: ["a"], ...options });
    await expect(refused).rejects.toMatchObject({ name: "InvalidArgumentError", argument });
    expect(line.server.of("process/start")).toEqual([]);
  });

  test("of kill and resize", async () => {
    await using line = await executor(OURS);
    const process = await line.executor.processes.start({ argv: ["a"], tty: true });
    const invalid = (argument: string) => ({ name: "InvalidArgumentError", argument });
    await expect(process.kill("TERM" as never)).rejects.toMatchObject(invalid("signal"));
    await expect(process.kill("SIGTERM", { graceMs: Number.NaN })).rejects.toMatchObject(invalid("graceMs"));
    await expect(process.resize({ rows: 1.5, columns: 1 })).rejects.toMatchObject(invalid("size.rows"));
  });

  test("a stream that somebody else reads", async () => {
    await using line = await executor(OURS);
    const input = new Blob(["a"]).stream();
    input.getReader();
    await expect(line.executor.run(["a"], { input })).rejects.toMatchObject({ argument: "input" });
  });
});

describe("kill with a grace", () => {
  test("waits for the exit, and kills what is left after it", async () => {
    await using line = await executor(OURS, { "process/terminate": () => ({ running: true }) });
    const process = await line.executor.processes.start({ argv: ["a"] });
    const killed = process.kill("SIGTERM", { graceMs: 500 });
    await settle();
    await line.clock.advance(499);
    expect(line.server.of("process/terminate")).toEqual([]);
    await line.clock.advance(1);
    expect(await killed).toBe(true);
    expect(line.server.of("process/terminate")).toHaveLength(1);
  });

  test("kills nothing that has exited in time", async () => {
    await using line = await executor(OURS);
    const process = await line.executor.processes.start({ argv: ["a"] });
    const killed = process.kill("SIGTERM", { graceMs: 500 });
    await settle();
    line.server.exited(process.id, 1, 143);
    expect(await killed).toBe(true);
    expect(line.server.of("process/terminate")).toEqual([]);
    expect(await process.kill()).toBe(false);
  });
});

describe("how a process is ended", () => {
  test("run: killSignal at the limit, SIGKILL after the grace", async () => {
    await using line = await executor(OURS, {
      "process/terminate": ({ processId }, server) => {
        server.exited(processId, 2, 137);
        server.finished(processId, 3);
        return { running: true };
      },
      "holdfast/signalProcess": ({ processId }, server) => {
        server.output(processId, 1, "cleaning up");
        return { delivered: true };
      },
    });
    const options = { timeoutMs: 1_000, killSignal: "SIGTERM", killGraceMs: 300 } as const;
    const failed = line.executor.run(["a"], options).catch((error: unknown) => error);
    await settle();
    await line.clock.advance(1_000);
    await settle();
    expect(line.server.of("holdfast/signalProcess")).toMatchObject([{ signal: "SIGTERM" }]);
    await line.clock.advance(299);
    expect(line.server.of("process/terminate")).toEqual([]);
    await line.clock.advance(1);
    expect(await failed).toMatchObject({ name: "TimeoutError", isEnded: true, partial: { stdout: "cleaning up" } });
  });

  test("run: an executor that does not answer to the signal is no reason to wait longer than the grace", async () => {
    await using line = await executor(OURS, {
      "holdfast/signalProcess": () => NO_ANSWER,
      "process/terminate": () => NO_ANSWER,
    });
    const options = { timeoutMs: 100, killSignal: "SIGTERM", killGraceMs: 300 } as const;
    const failed = line.executor.run(["a"], options).catch((error: unknown) => error);
    await settle();
    for (const ms of [100, 300, 2_000]) {
      await line.clock.advance(ms);
      await settle();
    }
    expect(await failed).toMatchObject({ name: "TimeoutError", isEnded: false });
  });

  test("start: by its signal, long after the start; the listener goes with the process", async () => {
    await using line = await executor(OURS);
    const controller = new AbortController();
    const { signal } = controller;
    const process = await line.executor.processes.start({ argv: ["a"], signal });
    await settle();
    expect(line.server.of("process/terminate")).toEqual([]);
    controller.abort();
    await settle();
    expect(line.server.of("process/terminate")).toMatchObject([{ processId: process.id }]);
    line.server.exited(process.id, 1, 137);
    line.server.finished(process.id, 2);
    expect(await process.closed).toMatchObject({ exitCode: 137 });
    const other = new AbortController();
    const done = await line.executor.processes.start({ argv: ["b"], signal: other.signal });
    line.server.exited(done.id, 1);
    line.server.finished(done.id, 2);
    await done.closed;
    other.abort();
    await settle();
    expect(line.server.of("process/terminate")).toHaveLength(1);
  });

  test("start: a signal that is aborted before sends nothing", async () => {
    await using line = await executor(OURS);
    const refused = line.executor.processes.start({ argv: ["a"], signal: AbortSignal.abort() });
    await expect(refused).rejects.toMatchObject({ name: "AbortError", delivery: "not-sent" });
    expect(line.server.of("process/start")).toEqual([]);
  });

  test("a source that fails ends the process, and is told by inputSent", async () => {
    await using line = await executor(OURS);
    const cause = new Error("mine");
    const input = ReadableStream.from(
      (async function* () {
        yield "some";
        throw cause;
      })(),
    );
    const process = await line.executor.processes.start({ argv: ["a"], input });
    await expect(process.inputSent).rejects.toMatchObject({ code: "sourceFailed", cause });
    await settle();
    expect(line.server.of("process/terminate")).toMatchObject([{ processId: process.id }]);
  });

  test("a start that is refused cancels the source", async () => {
    await using line = await executor(OURS);
    await line.executor.processes.start({ argv: ["a"], processId: "job" });
    const cancelled = Promise.withResolvers<unknown>();
    const input = new ReadableStream<string>({ cancel: cancelled.resolve });
    const again = line.executor.processes.start({ argv: ["a"], processId: "job", input });
    await expect(again).rejects.toMatchObject({ argument: "processId" });
    await cancelled.promise;
  });

  test("closing the executor ends those with terminateOnClose, and waits for no others", async () => {
    await using line = await executor(OURS, { "process/terminate": () => ({ running: false }) });
    const { processes } = line.executor;
    const ended = await processes.start({ argv: ["a"], terminateOnClose: true });
    await processes.start({ argv: ["b"] });
    const gone = await processes.start({ argv: ["c"], terminateOnClose: true });
    line.server.exited(gone.id, 1);
    line.server.finished(gone.id, 2);
    await gone.closed;
    await line.executor.close();
    expect(line.server.of("process/terminate")).toMatchObject([{ processId: ended.id }]);
  });

  test("closing the executor also ends one whose start is not answered yet, and waits 2 s for that", async () => {
    const answers: PromiseWithResolvers<object>[] = [];
    const handlers = {
      "process/start": () => {
        const answer = Promise.withResolvers<object>();
        answers.push(answer);
        return answer.promise;
      },
      "process/terminate": () => ({ running: false }),
    };
    await using line = await executor(OURS, handlers);
    const { processes } = line.executor;
    const starting = processes.start({ argv: ["a"], processId: "late", terminateOnClose: true });
    const never = processes.start({ argv: ["b"], processId: "never", terminateOnClose: true });
    never.catch(() => {});
    const left = processes.start({ argv: ["c"], processId: "left" });
    left.catch(() => {});
    await settle();
    const closing = line.executor.close();
    answers[0]?.resolve({ processId: "late" });
    await starting;
    await settle();
    expect(line.server.of("process/terminate")).toEqual([]);
    await line.clock.advance(2_000);
    await closing;
    expect(line.server.of("process/terminate")).toMatchObject([{ processId: "late" }]);
  });
});

describe("waitFor", () => {
  test("exit: returns at the exit, with the output before it, and ends nothing", async () => {
    await using line = await executor(OURS);
    const running = line.executor.run(["a"], { waitFor: "exit" });
    await settle();
    const [{ processId }] = line.server.of("process/start") as [{ processId: string }];
    line.server.output(processId, 1, "out");
    line.server.exited(processId, 2, 4);
    await settle();
    await line.clock.advance(0);
    expect(await running).toMatchObject({ stdout: "out", exitCode: 4 });
    expect(line.server.of("process/terminate")).toEqual([]);
  });

  test("exit: a release of Codex may be late with output, and has 100 ms", async () => {
    await using line = await executor(LINUX_INFO);
    const running = line.executor.run(["a"], { waitFor: "exit" });
    await settle();
    const [{ processId }] = line.server.of("process/start") as [{ processId: string }];
    line.server.exited(processId, 1, 0);
    await settle();
    await line.clock.advance(99);
    line.server.output(processId, 2, "late");
    await settle();
    await line.clock.advance(1);
    expect(await running).toMatchObject({ stdout: "late", exitCode: 0 });
  });

  test("any other word is refused", async () => {
    await using line = await executor(OURS);
    const refused = line.executor.run(["a"], { waitFor: "end" as never });
    await expect(refused).rejects.toMatchObject({ argument: "waitFor" });
  });
});
