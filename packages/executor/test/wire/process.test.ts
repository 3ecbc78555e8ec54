import { existsSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { afterAll, describe, expect, test } from "vitest";
import { base64, Line } from "./line.ts";

function refusal(code: number, message: string) {
  return expect.objectContaining({ name: "RemoteError", code, message });
}

const policy = { inherit: "all", ignoreDefaultExcludes: true, exclude: [], set: {}, includeOnly: [] };

const SAMPLES = mkdtempSync(join(tmpdir(), "holdfast-starts-"));
writeFileSync(join(SAMPLES, "no-program"), "text", { mode: 0o755 });
writeFileSync(join(SAMPLES, "no-interpreter"), "#!/nowhere/interpreter\n", { mode: 0o755 });
afterAll(() => rmSync(SAMPLES, { recursive: true }));

describe("process/start", () => {
  test("runs a command and tells output, exit and close with numbers", async () => {
    await using line = await Line.ready();
    expect(await line.start("p", ["sh", "-c", "echo out; exit 3"])).toEqual({ processId: "p", sandboxType: "none" });
    await line.when(() => line.isClosed("p"));
    expect(line.of("p")).toEqual([
      { method: "process/output", params: { processId: "p", seq: 1, stream: "stdout", chunk: base64("out\n") } },
      { method: "process/exited", params: { processId: "p", seq: 2, exitCode: 3, sandboxDenied: false } },
      { method: "process/closed", params: { processId: "p", seq: 3 } },
    ]);
  });

  test("runs behind a terminal", async () => {
    await using line = await Line.ready();
    expect(await line.run("p", ["sh", "-c", "tty >/dev/null && stty size"], { tty: true })).toBe("24 80\r\n");
  });

  test("inherits nothing without a policy, and what the policy says with one", async () => {
    await using line = await Line.ready();
    expect(await line.run("bare", ["/usr/bin/env"], { env: { A: "1" } })).toBe("A=1\n");
    expect(await line.run("policy", ["/usr/bin/env"], { env: { A: "1" }, envPolicy: policy })).toContain(
      "INHERITED=yes\n",
    );
  });

  test.each([
    ["empty argv", { argv: [] }, -32602, /argv must not be empty/],
    ["argv of numbers", { argv: [1] }, -32602, /expected a string.*argv/],
    ["missing argv", { argv: undefined }, -32602, /missing field `argv`/],
    ["a relative cwd", { cwd: "etc" }, -32602, /invalid URI: relative URL without a base/],
    ["a native cwd", { cwd: "/etc" }, -32602, /invalid URI: relative URL without a base/],
    [
      "a cwd of another kind of machine",
      { cwd: "file:///C:/x" },
      -32602,
      /^cwd URI `file:\/\/\/C:\/x` is not valid on this exec-server host: 'file:\/\/\/C:\/x' is invalid on 'linux'/,
    ],
    ["a missing cwd", { cwd: "file:///nowhere" }, -32603, /^No such file or directory \(os error 2\)$/],
    [
      "a missing cwd behind a terminal",
      { cwd: "file:///nowhere", tty: true },
      -32603,
      /^No such file or directory \(os error 2\)$/,
    ],
    ["a file as cwd", { cwd: "file:///etc/hostname" }, -32603, /^Not a directory \(os error 20\)$/],
    ["a missing program", { argv: ["/nowhere/x"] }, -32603, /^No such file or directory \(os error 2\)$/],
    ["an empty program", { argv: [""] }, -32603, /^missing program for pipe spawn$/],
    ["a text as tty", { tty: "yes" }, -32602, /tty/],
    ["null as pipeStdin", { pipeStdin: null }, -32602, /pipeStdin/],
    ["an unknown inheritance", { envPolicy: { ...policy, inherit: "some" } }, -32602, /unknown variant `some`/],
  ])("refuses %s, and the id stays free", async (_, wrong, code, message) => {
    await using line = await Line.ready();
    await expect(line.start("p", ["true"], wrong)).rejects.toThrow(
      expect.objectContaining({ code, message: expect.stringMatching(message) }),
    );
    await expect(line.start("p", ["true"])).resolves.toMatchObject({ processId: "p" });
  });

  const nowhere = { cwd: "file:///nowhere" };
  const noProgram = { code: "ENOENT", syscall: "execve", reason: "program" };
  const noFolder = { code: "ENOENT", syscall: "chdir", reason: "cwd", path: "file:///nowhere" };
  const notRunnable = { code: "EACCES", syscall: "execve", reason: "program" };
  const noFile = { kind: "spawnNotFound", member: "argv", holdfast: noProgram };
  const noCwd = { kind: "spawnNotFound", member: "cwd", holdfast: noFolder };
  const refused = { kind: "spawnPermissionDenied", member: "argv", holdfast: notRunnable };
  test.each<[string, object, object]>([
    ["a missing program", { argv: ["/nowhere/x"] }, noFile],
    ["a missing program behind a terminal", { argv: ["x"], tty: true }, noFile],
    ["a missing folder", nowhere, noCwd],
    ["a missing folder behind a terminal", { ...nowhere, tty: true }, noCwd],
    ["both missing", { argv: ["/nowhere/x"], ...nowhere }, noCwd],
    ["a folder as program", { argv: ["/usr"] }, refused],
    ["a folder as program behind a terminal", { argv: ["/usr"], tty: true }, refused],
    [
      "a file as folder",
      { cwd: "file:///etc/hostname" },
      {
        kind: "spawnFailed",
        holdfast: { code: "ENOTDIR", syscall: "chdir", reason: "cwd", path: "file:///etc/hostname" },
      },
    ],
    [
      "a file that is no program",
      { argv: ["./no-program"], cwd: pathToFileURL(SAMPLES).href },
      { kind: "spawnFailed", holdfast: { code: "ENOEXEC", syscall: "execve", reason: "program" } },
    ],
    [
      "a script without its interpreter",
      { argv: ["./no-interpreter"], cwd: pathToFileURL(SAMPLES).href },
      {
        kind: "spawnNotFound",
        member: "argv",
        holdfast: { code: "ENOENT", syscall: "execve", reason: "interpreter" },
      },
    ],
    [
      "too long an argument",
      { argv: ["true", "x".repeat(200_000)] },
      { kind: "spawnFailed", holdfast: { code: "E2BIG", syscall: "execve" } },
    ],
    ["no name of a program", { argv: [""] }, { kind: "spawnFailed" }],
    ["a NUL", { argv: ["a\0b"] }, { kind: "spawnFailed" }],
  ])("tells programs why it refuses %s", async (_, wrong, data) => {
    await using line = await Line.ready();
    await expect(line.start("p", ["true"], wrong)).rejects.toThrow(expect.objectContaining({ code: -32603, data }));
  });

  test.each<[string, object]>([
    ["params that do not decode", { argv: [1] }],
    ["no argv", { argv: [] }],
    ["a folder of another kind of machine", { cwd: "file:///C:/x" }],
  ])("tells programs nothing about %s", async (_, wrong) => {
    await using line = await Line.ready();
    await expect(line.start("p", ["true"], wrong)).rejects.toThrow(
      expect.objectContaining({ code: -32602, data: undefined }),
    );
  });

  test("refuses an id that is taken, also of a finished process", async () => {
    await using line = await Line.ready();
    await line.run("p", ["true"]);
    await expect(line.start("p", ["true"])).rejects.toThrow(refusal(-32600, "process p already exists"));
  });

  test("takes the empty text as an id", async () => {
    await using line = await Line.ready();
    expect(await line.run("", ["echo", "x"])).toBe("x\n");
  });

  test.each([
    ["restricted files", { type: "managed", network: "enabled", file_system: { type: "restricted", entries: [] } }],
    ["restricted network", { type: "managed", network: "restricted", file_system: { type: "unrestricted" } }],
    ["restricted network left to others", { type: "external", network: "restricted" }],
  ])("never runs without a sandbox that was asked for: %s", async (_, permissions) => {
    const folder = mkdtempSync(join(tmpdir(), "holdfast-sandbox-"));
    // No bubblewrap is found in this executor's own PATH; the command's does not count.
    await using line = await Line.ready({ env: { PATH: "/nonexistent" } });
    const mark = join(folder, "ran");
    const sandbox = { permissions, cwd: "file:///", windowsSandboxLevel: "disabled" };
    const refused = /^sandbox intent cannot be enforced on this executor: .+/;
    await expect(line.start("p", ["touch", mark], { sandbox })).rejects.toThrow(
      expect.objectContaining({ code: -32602, message: expect.stringMatching(refused) }),
    );
    expect(existsSync(mark)).toBe(false);
    // The id is free.
    expect(await line.run("p", ["echo", "x"])).toBe("x\n");
    rmSync(folder, { recursive: true });
  });

  test("runs what asks for no confinement", async () => {
    await using line = await Line.ready();
    const sandbox = { permissions: { type: "disabled" }, windowsSandboxLevel: "disabled" };
    expect(await line.run("p", ["echo", "x"], { sandbox })).toBe("x\n");
  });
});

describe("requests sent without waiting", () => {
  test("500 starts on one connection all finish", async () => {
    await using line = await Line.ready();
    const ids = Array.from({ length: 500 }, (_, index) => `p${index}`);
    await Promise.all(ids.map((id) => line.start(id, ["true"])));
    await line.when(() => ids.every((id) => line.isClosed(id)));
  }, 120_000);

  test("2,000 starts at once need few descriptors, and hold up nobody else", {
    timeout: 120_000,
    tags: "long",
  }, async () => {
    await using line = await Line.ready();
    const other = await Line.ready({}, line.executor);
    const ids = Array.from({ length: 2_000 }, (_, index) => `p${index}`);
    const starts = Promise.all(ids.map((id) => line.start(id, ["true"])));
    let most = 0;
    const watch = setInterval(() => {
      most = Math.max(most, readdirSync("/proc/self/fd").length);
    }, 5);
    await other.run("one", ["true"]);
    const before = ids.filter((id) => line.isClosed(id)).length;
    await starts;
    await line.when(() => ids.every((id) => line.isClosed(id)));
    clearInterval(watch);
    expect(before).toBeLessThan(1_000);
    expect(most).toBeLessThan(1_000);
  });

  test("what is asked of a process that still waits for its start comes after it", async () => {
    await using line = await Line.ready();
    const crowd = Array.from({ length: 200 }, (_, index) => line.start(`p${index}`, ["true"]));
    const started = line.start("last", ["cat"], { pipeStdin: true });
    const written = line.call("process/write", { processId: "last", writeId: "1", chunk: base64("x") });
    const read = line.call("process/read", { processId: "last", waitMs: 600_000 });
    const failed = line.start("bad", ["/nowhere/program"]);
    const nothing = line.call("process/terminate", { processId: "bad" });
    await expect(failed).rejects.toThrow("No such file or directory (os error 2)");
    expect(await nothing).toEqual({ running: false });
    await Promise.all([...crowd, started]);
    expect(await written).toEqual({ status: "accepted" });
    expect(await read).toMatchObject({ chunks: [{ chunk: base64("x") }] });
    expect(await line.call("process/terminate", { processId: "last" })).toEqual({ running: true });
  });

  test("40 processes at once keep their outputs apart", async () => {
    await using line = await Line.ready();
    const ids = Array.from({ length: 40 }, (_, index) => `p${index}`);
    await Promise.all(ids.map((id) => line.start(id, ["sh", "-c", `for i in $(seq 200); do echo ${id} $i; done`])));
    await line.when(() => ids.every((id) => line.isClosed(id)));
    for (const id of ids) {
      expect(line.text(id)).toBe(Array.from({ length: 200 }, (_, index) => `${id} ${index + 1}\n`).join(""));
    }
  });

  test("writes to one process keep their order", async () => {
    await using line = await Line.ready();
    const started = line.start("p", ["cat"], { pipeStdin: true });
    const lines = Array.from({ length: 100 }, (_, index) => `${index}\n`);
    const written = lines.map((text, index) =>
      line.call("process/write", { processId: "p", writeId: String(index), chunk: base64(text) }),
    );
    await started;
    expect(await Promise.all(written)).toEqual(lines.map(() => ({ status: "accepted" })));
    await line.when(() => line.text("p").endsWith("99\n"));
    expect(line.text("p")).toBe(lines.join(""));
  });

  test("a long poll, a stuck write and a stuck file delay neither terminate nor another process", async () => {
    await using line = await Line.ready();
    await line.start("p", ["sleep", "600"], { pipeStdin: true });
    const poll = line.call("process/read", { processId: "p", waitMs: 600_000 });
    const block = base64("x".repeat(65_536));
    const writes = Promise.allSettled(
      Array.from({ length: 200 }, (_, index) =>
        line.call("process/write", { processId: "p", writeId: String(index), chunk: block }),
      ),
    );
    expect(await line.run("q", ["echo", "x"])).toBe("x\n");
    expect(await line.call("process/terminate", { processId: "p" })).toEqual({ running: true });
    expect(await poll).toMatchObject({ exited: true, exitCode: 137 });
    expect((await writes).filter(({ status }) => status === "rejected").length).toBeGreaterThan(0);
  });
});

describe("process/read", () => {
  test("gives retained output after a cursor, and the state", async () => {
    await using line = await Line.ready();
    await line.run("p", ["echo", "x"]);
    expect(await line.call("process/read", { processId: "p" })).toEqual({
      chunks: [{ seq: 1, stream: "stdout", chunk: base64("x\n") }],
      nextSeq: 4,
      exited: true,
      exitCode: 0,
      closed: true,
      failure: null,
      sandboxDenied: false,
    });
    expect(await line.call("process/read", { processId: "p", afterSeq: 1, maxBytes: 0, waitMs: 1_000 })).toMatchObject({
      chunks: [],
      nextSeq: 4,
    });
  });

  test("waits for what comes", async () => {
    await using line = await Line.ready();
    await line.start("p", ["cat"], { pipeStdin: true });
    const answer = line.call("process/read", { processId: "p", waitMs: 600_000 });
    await line.call("process/write", { processId: "p", writeId: "1", chunk: base64("x") });
    expect(await answer).toMatchObject({ chunks: [{ seq: 1, chunk: base64("x") }], exited: false, exitCode: null });
  });

  test("keeps at most one mebibyte of the newest output", async () => {
    await using line = await Line.ready();
    await line.run("p", ["head", "-c", "5000000", "/dev/zero"]);
    const { chunks } = await line.call("process/read", { processId: "p" });
    const kept = chunks.reduce(
      (sum: number, { chunk }: { chunk: string }) => sum + Buffer.from(chunk, "base64").length,
      0,
    );
    expect(kept).toBeLessThanOrEqual(1_048_576);
    expect(kept).toBeGreaterThan(1_048_576 - 65_536);
    expect(chunks[0].seq).toBeGreaterThan(1);
  });

  test.each([
    [{ afterSeq: -1 }, /invalid number.*afterSeq/],
    [{ waitMs: 1.5 }, /invalid number.*waitMs/],
    [{ maxBytes: "1" }, /maxBytes/],
  ])("refuses %j", async (wrong, message) => {
    await using line = await Line.ready();
    await expect(line.call("process/read", { processId: "p", ...wrong })).rejects.toThrow(
      expect.objectContaining({ code: -32602, message: expect.stringMatching(message) }),
    );
  });
});

describe("process/write", () => {
  test.each([
    ["an empty writeId", { writeId: "" }, /^writeId must not be empty$/],
    ["bad base64", { chunk: "!!!!" }, /chunk/],
    ["a missing chunk", { chunk: undefined }, /missing field `chunk`/],
  ])("refuses %s", async (_, wrong, message) => {
    await using line = await Line.ready();
    await expect(line.call("process/write", { processId: "p", writeId: "1", chunk: "", ...wrong })).rejects.toThrow(
      expect.objectContaining({ code: -32602, message: expect.stringMatching(message) }),
    );
  });

  test("says what stands against it", async () => {
    await using line = await Line.ready();
    const write = (processId: string) => line.call("process/write", { processId, writeId: "1", chunk: base64("x") });
    expect(await write("p")).toEqual({ status: "unknownProcess" });
    await line.start("p", ["sleep", "600"]);
    expect(await write("p")).toEqual({ status: "stdinClosed" });
    await line.run("q", ["true"], { pipeStdin: true });
    await expect(write("q")).rejects.toThrow(refusal(-32603, "failed to write to process stdin"));
  });
});

describe("process/signal and process/terminate", () => {
  test("interrupt and end", async () => {
    await using line = await Line.ready();
    await line.start("p", ["sh", "-c", "trap 'echo caught' INT; echo ready; while :; do sleep 0.01; done"]);
    await line.when(() => line.text("p").includes("ready"));
    expect(await line.call("process/signal", { processId: "p", signal: "interrupt" })).toEqual({});
    await line.when(() => line.text("p").includes("caught"));
    expect(await line.call("process/terminate", { processId: "p" })).toEqual({ running: true });
    await line.when(() => line.isClosed("p"));
    expect(line.of("p").find(({ method }) => method === "process/exited")?.params.exitCode).toBe(137);
    expect(await line.call("process/terminate", { processId: "p" })).toEqual({ running: false });
  });

  test("forgive what is not there, and refuse other signals", async () => {
    await using line = await Line.ready();
    expect(await line.call("process/signal", { processId: "p", signal: "interrupt" })).toEqual({});
    expect(await line.call("process/terminate", { processId: "p" })).toEqual({ running: false });
    await expect(line.call("process/signal", { processId: "p", signal: "kill" })).rejects.toThrow(
      expect.objectContaining({
        code: -32602,
        message: expect.stringMatching(/unknown variant `kill`, expected `interrupt`/),
      }),
    );
  });
});
