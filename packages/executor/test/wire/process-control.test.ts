import { createHash, randomBytes } from "node:crypto";
import { readFile } from "node:fs/promises";
import { pathUriFromNative } from "@holdfast/path-uri";
import { tempDir, until } from "@holdfast/testkit";
import { describe, expect, test } from "vitest";
import { base64, Line } from "./line.ts";

const INVALID_REQUEST = -32600;
const INVALID_PARAMS = -32602;

function write(line: Line, writeId: string, text: string) {
  return line.call("process/write", { processId: "p", writeId, chunk: base64(text) });
}

async function ended(line: Line, processId = "p"): Promise<number> {
  await line.when(() => line.isClosed(processId));
  return Number(line.of(processId).find(({ method }) => method === "process/exited")?.params.exitCode);
}

/** Resolves when a process has said so much. */
async function says(line: Line, text: string): Promise<void> {
  await line.when(() => line.text("p").includes(text));
}

describe("the end of a standard input", () => {
  test("comes after everything that was written, of whatever size", async () => {
    await using line = await Line.ready();
    await line.start("p", ["sha256sum"], { pipeStdin: true });
    const content = randomBytes(20 * 1_048_576);
    const writes = Array.from({ length: 80 }, (_, index) =>
      line.call("process/write", {
        processId: "p",
        writeId: `${index}`,
        chunk: content.subarray(index * 262_144, (index + 1) * 262_144).toString("base64"),
      }),
    );
    const closed = line.call("holdfast/closeStdin", { processId: "p" });
    expect(new Set((await Promise.all(writes)).map(({ status }) => status))).toEqual(new Set(["accepted"]));
    expect(await closed).toEqual({ status: "accepted" });
    expect(await ended(line)).toBe(0);
    expect(line.text("p")).toContain(createHash("sha256").update(content).digest("hex"));
  });

  test("may be asked for twice, and takes no write after it but one that was accepted before", async () => {
    await using line = await Line.ready();
    await line.start("p", ["cat"], { pipeStdin: true });
    await write(line, "1", "once\n");
    for (const _ of [1, 2]) {
      expect(await line.call("holdfast/closeStdin", { processId: "p" })).toEqual({ status: "accepted" });
    }
    expect(await write(line, "1", "once\n")).toEqual({ status: "accepted" });
    expect(await write(line, "2", "late\n")).toEqual({ status: "stdinClosed" });
    expect(await ended(line)).toBe(0);
    expect(line.text("p")).toBe("once\n");
    expect(await line.call("holdfast/closeStdin", { processId: "p" })).toEqual({ status: "accepted" });
    expect(await write(line, "3", "later\n")).toEqual({ status: "stdinClosed" });
  });

  test("may be asked for before the process is started, in the same breath", async () => {
    await using line = await Line.ready();
    const all = [line.start("p", ["cat"], { pipeStdin: true }), write(line, "1", "hi")];
    all.push(line.call("holdfast/closeStdin", { processId: "p" }));
    await Promise.all(all);
    expect([await ended(line), line.text("p")]).toEqual([0, "hi"]);
  });

  test("is told to have been there, or to be nobody's", async () => {
    await using line = await Line.ready();
    await line.start("p", ["true"]);
    expect(await line.call("holdfast/closeStdin", { processId: "p" })).toEqual({ status: "stdinClosed" });
    expect(await line.call("holdfast/closeStdin", { processId: "no" })).toEqual({ status: "unknownProcess" });
  });

  test("waits for a process that does not read, which can still be ended", async () => {
    await using line = await Line.ready();
    await line.start("p", ["sleep", "600"], { pipeStdin: true });
    await write(line, "1", "x".repeat(1_000_000));
    expect(await line.call("holdfast/closeStdin", { processId: "p" })).toEqual({ status: "accepted" });
    expect(await line.run("other", ["echo", "other"])).toBe("other\n");
    await line.call("process/terminate", { processId: "p" });
    expect(await ended(line)).toBe(137);
  });

  test.each([
    ["nothing", ""],
    ["a whole line", "whole\n"],
    ["an unfinished line", "part"],
  ])("is an end of file for what reads a terminal, after %s", async (_, text) => {
    await using line = await Line.ready();
    await line.start("p", ["sh", "-c", "stty -echo; echo ready; cat; echo after"], { tty: true });
    await says(line, "ready");
    if (text !== "") await write(line, "1", text);
    await line.call("holdfast/closeStdin", { processId: "p" });
    expect(await ended(line)).toBe(0);
    expect(line.text("p")).toBe(`ready\r\n${text.replace("\n", "\r\n")}after\r\n`);
  });

  test("is the end-of-file character that the terminal was given", async () => {
    await using line = await Line.ready();
    await line.start("p", ["sh", "-c", "stty eof ^B -echo; echo ready; cat; echo after"], { tty: true });
    await says(line, "ready");
    await line.call("holdfast/closeStdin", { processId: "p" });
    expect(await ended(line)).toBe(0);
    expect(line.text("p")).toBe("ready\r\nafter\r\n");
  });

  test("is one character for a program that reads characters", async () => {
    await using line = await Line.ready();
    const script = "stty -icanon -echo; echo ready; dd bs=1 count=4 2>/dev/null | od -An -tx1";
    await line.start("p", ["sh", "-c", script], { tty: true });
    await says(line, "ready");
    await write(line, "1", "abc");
    await line.call("holdfast/closeStdin", { processId: "p" });
    expect(await ended(line)).toBe(0);
    expect(line.text("p")).toContain("61 62 63 04");
  });
});

describe("a signal", () => {
  const signalled = (line: Line, signal: string) => line.call("holdfast/signalProcess", { processId: "p", signal });

  test.each(["HUP", "INT", "QUIT", "TERM", "USR1", "USR2", "ALRM", "WINCH", "CONT", "URG"])(
    "SIG%s reaches the process",
    async (name) => {
      await using line = await Line.ready();
      const script = `exec 2>/dev/null; trap 'echo got; exit 7' ${name}; echo ready; while :; do sleep 0.01; done`;
      await line.start("p", ["bash", "-c", script]);
      await says(line, "ready");
      expect(await signalled(line, `SIG${name}`)).toEqual({ delivered: true });
      expect([await ended(line), line.text("p")]).toEqual([7, "ready\ngot\n"]);
    },
  );

  test("reaches the whole group", async () => {
    await using line = await Line.ready();
    await line.start("p", ["sh", "-c", "sleep 600 & sleep 600 & echo ready; wait"]);
    await says(line, "ready");
    expect(await signalled(line, "SIGTERM")).toEqual({ delivered: true });
    // The children held the output: closed says that they are gone too.
    expect(await ended(line)).toBe(143);
  });

  test("stops a process, lets it go on, and a stopped one can be ended", async () => {
    await using line = await Line.ready();
    const { pid } = ((await line.start("p", ["sleep", "600"], { holdfast: {} })) as { holdfast: { pid: number } })
      .holdfast;
    const state = async () => /^State:\s+(\w)/m.exec(await readFile(`/proc/${pid}/status`, "utf8"))?.[1];
    await signalled(line, "SIGSTOP");
    await until(async () => (await state()) === "T");
    await signalled(line, "SIGCONT");
    await until(async () => (await state()) === "S");
    await signalled(line, "SIGSTOP");
    expect(await line.call("process/terminate", { processId: "p" })).toEqual({ running: true });
    expect(await ended(line)).toBe(137);
  });

  test("goes to nobody when the process has ended, though something of its group lives on", async () => {
    await using line = await Line.ready();
    await line.start("p", ["sh", "-c", "sleep 600 & echo left"]);
    await line.when(() => line.of("p").some(({ method }) => method === "process/exited"));
    expect(await signalled(line, "SIGTERM")).toEqual({ delivered: false });
    expect(line.isClosed("p")).toBe(false);
    await line.call("process/terminate", { processId: "p", includeDescendants: true });
    await ended(line);
    expect(await line.call("holdfast/signalProcess", { processId: "no", signal: "SIGTERM" })).toEqual({
      delivered: false,
    });
  });

  test("must have a name that is known", async () => {
    await using line = await Line.ready();
    await line.start("p", ["sleep", "600"]);
    for (const signal of ["SIGNONE", "TERM", "", 15, null]) {
      await expect(line.call("holdfast/signalProcess", { processId: "p", signal })).rejects.toMatchObject({
        code: INVALID_PARAMS,
      });
    }
  });
});

describe("the size of a terminal", () => {
  const holdfast = { terminal: { rows: 50, columns: 132 } };

  test.each([
    ["with a terminal of the library's", {}],
    ["under a name of its own", { arg0: "shell" }],
  ])("is what the start asks for, %s", async (_, more) => {
    await using line = await Line.ready();
    expect(await line.run("p", ["sh", "-c", "stty size"], { tty: true, holdfast, ...more })).toBe("50 132\r\n");
  });

  test("is 24 by 80 when nothing is asked for", async () => {
    await using line = await Line.ready();
    expect(await line.run("p", ["stty", "size"], { tty: true, holdfast: {} })).toBe("24 80\r\n");
  });

  test("changes, and the process is told", async () => {
    await using line = await Line.ready();
    const script = "trap 'stty size; exit' WINCH; echo ready; while :; do sleep 0.01; done";
    await line.start("p", ["bash", "-c", script], { tty: true });
    await says(line, "ready");
    expect(await line.call("holdfast/resizeTerminal", { processId: "p", rows: 1, columns: 65_535 })).toEqual({});
    await ended(line);
    expect(line.text("p")).toBe("ready\r\n1 65535\r\n");
    expect(await line.call("holdfast/resizeTerminal", { processId: "p", rows: 2, columns: 2 })).toEqual({});
  });

  test.each([
    [0, 80],
    [24, 0],
    [-1, 80],
    [24, 65_536],
    [24.5, 80],
    ["24", 80],
    [null, 80],
  ])("is never %j by %j", async (rows, columns) => {
    await using line = await Line.ready();
    await line.start("p", ["cat"], { tty: true });
    const refused = { code: INVALID_PARAMS };
    await expect(line.call("holdfast/resizeTerminal", { processId: "p", rows, columns })).rejects.toMatchObject(
      refused,
    );
    const start = line.start("q", ["cat"], { tty: true, holdfast: { terminal: { rows, columns } } });
    await expect(start).rejects.toMatchObject(refused);
  });

  test("is of a terminal only", async () => {
    await using line = await Line.ready();
    await line.start("p", ["cat"], { pipeStdin: true });
    const size = { rows: 24, columns: 80 };
    await expect(line.call("holdfast/resizeTerminal", { processId: "p", ...size })).rejects.toMatchObject({
      code: INVALID_REQUEST,
      message: "process p has no terminal",
    });
    await expect(line.call("holdfast/resizeTerminal", { processId: "no", ...size })).rejects.toMatchObject({
      code: INVALID_REQUEST,
      message: "unknown process id no",
    });
    await expect(line.start("q", ["cat"], { holdfast: { terminal: size } })).rejects.toMatchObject({
      code: INVALID_PARAMS,
      message: "`holdfast.terminal` needs `tty`",
    });
  });
});

describe("the id of a process", () => {
  test.each([{}, { tty: true }, { tty: true, arg0: "shell" }])(
    "is the one that the program has itself, with %j",
    async (more) => {
      await using line = await Line.ready();
      const argv = ["sh", "-c", "echo $$"];
      const { holdfast } = (await line.start("p", argv, { ...more, holdfast: {} })) as { holdfast: { pid: number } };
      await ended(line);
      expect(line.text("p").trim()).toBe(String(holdfast.pid));
    },
  );

  test("is not told to who does not ask", async () => {
    await using line = await Line.ready();
    expect(await line.start("p", ["true"])).toEqual({ processId: "p", sandboxType: "none" });
    await expect(line.start("q", ["true"], { holdfast: null })).rejects.toMatchObject({ code: INVALID_PARAMS });
  });
});

describe("the processes of a session", () => {
  test("are those that run and those that can still be read, in the order of their starts", async () => {
    await using folder = await tempDir();
    await using line = await Line.ready();
    const cwd = pathUriFromNative(folder.path, "posix");
    const before = Date.now();
    await line.run("ended", ["sh", "-c", "exit 3"], { cwd });
    const started = await line.start("terminal", ["sleep", "600"], { tty: true, holdfast: {} });
    await line.start("left", ["sh", "-c", "sleep 600 &"]);
    await line.when(() => line.of("left").some(({ method }) => method === "process/exited"));
    const { processes, hasMore } = await line.call("holdfast/listProcesses", {});
    expect(hasMore).toBe(false);
    const shared = { isArgvCut: false, startedAtMs: expect.any(Number) };
    expect(processes).toEqual([
      {
        ...shared,
        processId: "ended",
        argv: ["sh", "-c", "exit 3"],
        cwd,
        isTerminal: false,
        exitCode: 3,
        isClosed: true,
      },
      {
        ...shared,
        processId: "terminal",
        pid: (started as { holdfast: { pid: number } }).holdfast.pid,
        argv: ["sleep", "600"],
        cwd: "file:///",
        isTerminal: true,
        exitCode: null,
        isClosed: false,
      },
      {
        ...shared,
        processId: "left",
        argv: ["sh", "-c", "sleep 600 &"],
        cwd: "file:///",
        isTerminal: false,
        exitCode: 0,
        isClosed: false,
      },
    ]);
    for (const { startedAtMs } of processes) {
      expect(startedAtMs).toBeGreaterThanOrEqual(before);
      expect(startedAtMs).toBeLessThanOrEqual(Date.now());
    }
    await line.call("process/terminate", { processId: "left", includeDescendants: true });
  });

  test("are the session's own, and are there after it was resumed", async () => {
    await using line = await Line.ready();
    await line.start("p", ["sleep", "600"]);
    const other = await Line.ready({}, line.executor);
    expect(await other.call("holdfast/listProcesses", {})).toEqual({ processes: [], hasMore: false });
    await line.hangUp();
    const next = await Line.resume(line.executor, line.sessionId);
    expect((await next.call("holdfast/listProcesses", {})).processes).toMatchObject([{ processId: "p" }]);
  });

  test("come in parts, each after the last of the one before", async () => {
    await using line = await Line.ready();
    for (const id of ["a", "b", "c"]) await line.run(id, ["true"]);
    const list = async (params: object) => {
      const { processes, hasMore } = await line.call("holdfast/listProcesses", params);
      return [processes.map(({ processId }: { processId: string }) => processId).join(""), hasMore];
    };
    expect(await list({ limit: 2 })).toEqual(["ab", true]);
    expect(await list({ limit: 2, afterProcessId: "b" })).toEqual(["c", false]);
    expect(await list({ limit: null, afterProcessId: null })).toEqual(["abc", false]);
    await expect(list({ afterProcessId: "no" })).rejects.toMatchObject({ code: INVALID_REQUEST });
    for (const limit of [0, 4_097, -1, 1.5])
      await expect(list({ limit })).rejects.toMatchObject({ code: INVALID_PARAMS });
  });

  test("show the beginning of a long command line", async () => {
    await using line = await Line.ready();
    await line.run("p", ["sh", "-c", ":", "x".repeat(500), "y".repeat(100_000), "z"]);
    const [{ argv, isArgvCut }] = (await line.call("holdfast/listProcesses", {})).processes;
    expect(isArgvCut).toBe(true);
    expect(argv).toEqual(["sh", "-c", ":", "x".repeat(500), "y".repeat(1_024 - 505)]);
  });

  test("show as much of words that are empty, and count what those add to an answer", async () => {
    await using line = await Line.ready();
    const ids = Array.from({ length: 400 }, (_, n) => `p${n}`);
    await Promise.all(ids.map((id) => line.run(id, ["true", ...new Array<string>(2_000).fill("")])));
    const { processes, hasMore } = await line.call("holdfast/listProcesses", {});
    expect(processes[0]).toMatchObject({ argv: ["true", ...new Array<string>(1_023).fill("")], isArgvCut: true });
    expect(JSON.stringify(processes).length).toBeLessThan(1.5 * 1_048_576);
    expect(hasMore).toBe(true);
  });
});

test("control of processes is a capability", async () => {
  await using line = await Line.ready();
  expect((await line.call("environment/info")).capabilities).toMatchObject({ holdfastProcessControl: true });
});
