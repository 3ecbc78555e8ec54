import type { ProcessExitedNotification } from "@holdfast/app-server-protocol";
import { isAlive, until } from "@holdfast/testkit";
import { describe, expect, test } from "vitest";
import { type OpenHost, openHost } from "../open-host.ts";
import { refusalOf } from "../refusal-of.ts";

type Client = Awaited<ReturnType<OpenHost["client"]>>;

const base64 = (text: string): string => Buffer.from(text).toString("base64");

/** What a client is told of its processes, in order. */
function listen(client: Client) {
  const told: string[] = [];
  const ends = new Map<string, ProcessExitedNotification>();
  client.on("process/outputDelta", ({ processHandle, stream, deltaBase64, capReached }) => {
    told.push(`${processHandle} ${stream} ${Buffer.from(deltaBase64, "base64")} ${capReached}`);
  });
  client.on("process/exited", (end) => {
    told.push(`${end.processHandle} exited`);
    ends.set(end.processHandle, end);
  });
  return { told, endOf: (handle: string) => until(() => ends.get(handle)) };
}

const QUIET_END = {
  exitCode: 0,
  stdout: "",
  stdoutCapReached: false,
  stderr: "",
  stderrCapReached: false,
  outputDrainTimedOut: false,
};

describe("a process of a client", () => {
  test("is answered when it runs, and its end is told with what it printed", async () => {
    await using host = await openHost();
    await using client = await host.client();
    const { endOf } = listen(client);
    const command = ["sh", "-c", "printf out; printf err >&2; exit 3"];
    expect(await client.process.spawn({ command, processHandle: "p", cwd: host.cwd })).toEqual({});
    expect(await endOf("p")).toEqual({ ...QUIET_END, processHandle: "p", exitCode: 3, stdout: "out", stderr: "err" });
  });

  test("prints as much as is kept, and it is said whether that was all", async () => {
    await using host = await openHost();
    await using client = await host.client();
    const { told, endOf } = listen(client);
    const command = ["sh", "-c", "printf abcdef; printf xy >&2"];
    await client.process.spawn({ command, processHandle: "kept", cwd: "/", outputBytesCap: 3 });
    expect(await endOf("kept")).toMatchObject({
      stdout: "abc",
      stdoutCapReached: true,
      stderr: "xy",
      stderrCapReached: false,
    });
    await client.process.spawn({
      command,
      processHandle: "told",
      cwd: "/",
      outputBytesCap: 3,
      streamStdoutStderr: true,
    });
    expect(await endOf("told")).toMatchObject({
      stdout: "",
      stdoutCapReached: true,
      stderr: "",
      stderrCapReached: false,
    });
    expect(told.at(-1)).toBe("told exited");
    expect(told.toSorted()).toEqual(["kept exited", "told exited", "told stderr xy false", "told stdout abc true"]);
    await client.process.spawn({
      command: ["sh", "-c", "head -c 1100000 /dev/zero | tr '\\0' x"],
      processHandle: "all",
      cwd: "/",
      outputBytesCap: null,
    });
    expect((await endOf("all")).stdout).toHaveLength(1_100_000);
    // More than an answer holds is said to be cut.
    const endless = ["sh", "-c", "head -c 20000000 /dev/zero | tr '\\0' x"];
    await client.process.spawn({ command: endless, processHandle: "more", cwd: "/", outputBytesCap: null });
    const { stdout, stdoutCapReached } = await endOf("more");
    expect({ bytes: stdout.length, stdoutCapReached }).toEqual({ bytes: 16_777_216, stdoutCapReached: true });
  });

  test("has 10 seconds, any other time, or as long as it likes", async () => {
    await using host = await openHost();
    await using client = await host.client();
    const { endOf } = listen(client);
    await client.process.spawn({ command: ["sleep", "60"], processHandle: "short", cwd: "/", timeoutMs: 20 });
    expect(await endOf("short")).toMatchObject({ exitCode: 124 });
    await client.process.spawn({ command: ["true"], processHandle: "long", cwd: "/", timeoutMs: null });
    expect(await endOf("long")).toMatchObject({ exitCode: 0 });
  });

  test("takes input, a size and its end from its client", async () => {
    await using host = await openHost();
    await using client = await host.client();
    const { told, endOf } = listen(client);
    await client.process.spawn({ command: ["cat"], processHandle: "cat", cwd: "/", streamStdin: true });
    await client.process.writeStdin({ processHandle: "cat", deltaBase64: base64("meow"), closeStdin: true });
    expect(await endOf("cat")).toMatchObject({ exitCode: 0, stdout: "meow" });
    const command = ["sh", "-c", "read line; stty size; exec sleep 60"];
    await client.process.spawn({ command, processHandle: "pty", cwd: "/", tty: true, size: { rows: 3, cols: 4 } });
    await client.process.resizePty({ processHandle: "pty", size: { rows: 5, cols: 6 } });
    await client.process.writeStdin({ processHandle: "pty", deltaBase64: base64("go\n") });
    await until(() => told.join("").includes("5 6"));
    await client.process.kill({ processHandle: "pty" });
    await endOf("pty");
    await client.process.spawn({ command: ["sleep", "60"], processHandle: "k", cwd: "/" });
    await client.process.kill({ processHandle: "k" });
    expect(await endOf("k")).toMatchObject({ exitCode: 137 });
  });

  test("has the variables of its executor, with its own over them", async () => {
    await using host = await openHost();
    await using client = await host.client();
    const { endOf } = listen(client);
    const command = ["sh", "-c", 'printf "$OWN:$PATH:$SHELL"'];
    await client.process.spawn({ command, processHandle: "e", cwd: "/", env: { OWN: "1", SHELL: null } });
    expect((await endOf("e")).stdout).toBe(`1:${process.env.PATH}:`);
  });

  test("is told to have been left open where a child of it holds its output", async () => {
    await using host = await openHost();
    await using client = await host.client();
    const { endOf } = listen(client);
    await client.process.spawn({ command: ["sh", "-c", "sleep 60 & printf $!"], processHandle: "o", cwd: "/" });
    const { stdout, outputDrainTimedOut } = await endOf("o");
    expect(outputDrainTimedOut).toBe(true);
    await until(() => !isAlive(Number(stdout)));
  });

  test("ends with its client", async () => {
    await using host = await openHost();
    const client = await host.client();
    const { told } = listen(client);
    const command = ["sh", "-c", "echo $$; exec sleep 60"];
    await client.process.spawn({ command, processHandle: "c", cwd: "/", streamStdoutStderr: true, timeoutMs: null });
    const pid = Number(/\d+/.exec(await until(() => told[0]))?.[0]);
    expect(isAlive(pid)).toBe(true);
    await client.close();
    await until(() => !isAlive(pid));
  });
});

describe("a process is refused", () => {
  const valid = { command: ["true"], processHandle: "a", cwd: "/" };
  const refusals: readonly (readonly [string, object, number, string])[] = [
    ["nothing to run", { command: [], processHandle: "" }, -32600, "command must not be empty"],
    ["no handle", { processHandle: "" }, -32600, "processHandle must not be empty"],
    ["a size without a terminal", { size: { rows: 1, cols: 1 } }, -32602, "process/spawn size requires tty: true"],
    [
      "a time before now",
      { timeoutMs: -1, tty: true, size: { rows: 0, cols: 0 } },
      -32602,
      "process/spawn timeoutMs must be non-negative, got -1",
    ],
    [
      "a terminal of no size",
      { tty: true, size: { rows: 0, cols: 1 } },
      -32602,
      "process size rows and cols must be greater than 0",
    ],
    [
      "no program",
      { command: ["nothing-there"] },
      -32603,
      "failed to spawn process: No such file or directory (os error 2)",
    ],
    ["no folder", { cwd: "/nothing/there" }, -32603, "failed to spawn process: No such file or directory (os error 2)"],
    ["a relative folder", { cwd: "x" }, -32600, "Invalid request: AbsolutePathBuf deserialized without a base path"],
  ];
  test.each(refusals)("for %s", async (_, members, code, message) => {
    await using host = await openHost();
    await using client = await host.client();
    expect(await refusalOf(client.call("process/spawn", { ...valid, ...members }))).toEqual({ code, message });
  });

  test("for a handle in use, and so is what is done to one that is not", async () => {
    await using host = await openHost();
    await using client = await host.client();
    const { endOf } = listen(client);
    const handle = { processHandle: "s" };
    await client.process.spawn({ ...valid, ...handle, command: ["sleep", "60"] });
    expect(await refusalOf(client.call("process/spawn", { ...valid, ...handle }))).toEqual({
      code: -32600,
      message: 'duplicate active process handle: "s"',
    });
    const write = (params: object) => refusalOf(client.call("process/writeStdin", params));
    const nothing = { code: -32602, message: "process/writeStdin requires deltaBase64 or closeStdin" };
    expect(await write({ processHandle: "zz" })).toEqual(nothing);
    expect(await write({ ...handle, closeStdin: true })).toEqual({
      code: -32600,
      message: "stdin streaming is not enabled for this process",
    });
    const unknown = { code: -32600, message: 'no active process for process handle "zz"' };
    expect(await write({ processHandle: "zz", closeStdin: true })).toEqual(unknown);
    expect(await refusalOf(client.call("process/kill", { processHandle: "zz" }))).toEqual(unknown);
    expect(await refusalOf(client.call("process/resizePty", { ...handle, size: { rows: 1, cols: 1 } }))).toEqual({
      code: -32600,
      message: "failed to resize PTY: process is not attached to a PTY",
    });
    await client.process.kill(handle);
    await endOf("s");
    expect(await refusalOf(client.call("process/kill", handle))).toMatchObject({
      message: 'no active process for process handle "s"',
    });
  });

  test("to a client that has not asked for what is experimental", async () => {
    await using host = await openHost();
    await using client = await host.client({ capabilities: {} });
    expect(await refusalOf(client.call("process/spawn", valid))).toEqual({
      code: -32600,
      message: "process/spawn requires experimentalApi capability",
    });
  });
});
