import { createPeer } from "@holdfast/rpc";
import { type SpawnStdioOptions, spawnStdio } from "@holdfast/rpc/stdio";
import { jsonCodec, RecordingReceiver } from "@holdfast/rpc/testing";
import { FakeClock, isAlive, leakGuard, type ProgramName, programPath, tempDir, until } from "@holdfast/testkit";
import { describe, expect, test } from "vitest";

async function run(name: ProgramName, args: readonly string[] = [], options: Partial<SpawnStdioOptions> = {}) {
  const child = await spawnStdio({ command: process.execPath, args: [programPath(name), ...args], ...options });
  const receiver = new RecordingReceiver();
  child.port.open(receiver);
  return { ...child, receiver };
}

describe("spawnStdio", () => {
  test("talks to a child, line by line", async () => {
    await using guard = leakGuard();
    const { port, receiver, exited } = await run("echoes-stdin");
    const big = JSON.stringify("é".repeat(1_000_000));
    for (const frame of ["{}", big, "[]"]) port.send(frame);
    expect(await receiver.framesArrived(3)).toEqual(["{}", big, "[]"]);
    port.close(1000, "done");
    expect(await receiver.closedOnce()).toMatchObject({ initiator: "local", reason: "done" });
    await exited;
    await guard.check();
  });

  test("passes environment, folder and arguments on, without a shell", async () => {
    await using dir = await tempDir();
    const script =
      "console.log(JSON.stringify([process.env.GREETING, process.cwd(), process.argv[1], process.env.HOME]))";
    const { port } = await spawnStdio({
      command: process.execPath,
      args: ["-e", script, "$(echo no)"],
      env: { GREETING: "hello" },
      cwd: dir.path,
    });
    const receiver = new RecordingReceiver();
    port.open(receiver);
    expect(await receiver.framesArrived(1)).toEqual([JSON.stringify(["hello", dir.path, "$(echo no)", null])]);
    await receiver.closedOnce();
  });

  test.each([
    ["a program that does not exist", { command: "/does/not/exist" }, "ENOENT"],
    ["a folder that does not exist", { command: process.execPath, cwd: "/does/not/exist" }, "ENOENT"],
    ["a program that may not run", { command: import.meta.filename }, "EACCES"],
    ["a name with a NUL", { command: "a\0b" }, "null bytes"],
  ])("rejects %s", async (_what, options, text) => {
    await expect(spawnStdio(options)).rejects.toMatchObject({
      code: "closed",
      delivery: "not-sent",
      message: expect.stringMatching(new RegExp(`cannot start .*${text}`)),
    });
  });

  test("tells how a child ended by itself", async () => {
    const { receiver, exited } = await run("exits-with", ["3"]);
    expect(await receiver.closedOnce()).toMatchObject({
      initiator: "remote",
      reason: "peer closed its end of the pipe; the process exited with code 3",
    });
    expect(await exited).toEqual({ code: 3, signal: null });
  });

  test("tells the end of what a child said on stderr before it ended, in one line without control characters", async () => {
    const script =
      'printf "%01500d\\n" 7 >&2; printf "\\033[31mcannot\\033[0m \\342\\200\\256read\\n  the key\\n" >&2; exit 4';
    const { port } = await spawnStdio({ command: "/bin/sh", args: ["-c", script] });
    const peer = createPeer({ port, codec: jsonCodec });
    const { reason } = await peer.closed;
    expect(reason).toMatch(/; the process exited with code 4: 0+7 cannot read the key$/);
    expect(reason.length).toBeLessThan(1_200);
  });

  test("rejects the calls that a dying child leaves open", async () => {
    const { port } = await spawnStdio({ command: process.execPath, args: [programPath("exits-with"), "1"] });
    const peer = createPeer({ port, codec: jsonCodec });
    await expect(peer.call("x", null)).rejects.toMatchObject({ code: "closed", delivery: "unknown" });
  });

  test("kills a child that ignores SIGTERM, after the grace", async () => {
    const clock = new FakeClock();
    const { port, pid, receiver, exited } = await run("ignores-sigterm", [], { clock });
    await receiver.framesArrived(1);
    port.close(1000, "done");
    await clock.advance(1_999);
    expect(isAlive(pid)).toBe(true);
    expect(receiver.closes).toEqual([]);
    await clock.advance(1);
    expect(await exited).toEqual({ code: null, signal: "SIGKILL" });
    expect(await receiver.closedOnce()).toMatchObject({ initiator: "local", reason: "done" });
  });

  test("ends the whole process group, members that ignore SIGTERM included", async () => {
    const { port, receiver } = await run("forks-on");
    const [line] = await receiver.framesArrived(1);
    const grandchild = Number(line?.split(" ")[1]);
    expect(isAlive(grandchild)).toBe(true);
    port.close(1000, "done");
    await receiver.closedOnce();
    await until(() => !isAlive(grandchild));
  });

  test("kills at once when destroyed", async () => {
    const { port, receiver, exited } = await run("ignores-sigterm", [], { clock: new FakeClock() });
    await receiver.framesArrived(1);
    port.destroy("enough");
    expect(await exited).toMatchObject({ signal: "SIGKILL" });
    expect(await receiver.closedOnce()).toMatchObject({ initiator: "local", reason: "enough" });
  });

  test("closes a child that never reads, however much is queued", async () => {
    const { port, receiver } = await run("never-reads-stdin");
    await receiver.framesArrived(1);
    for (let index = 0; index < 50; index += 1) port.send("x".repeat(100_000));
    expect(port.writable).toBe(false);
    port.close(1000, "done");
    expect(await receiver.closedOnce()).toMatchObject({ initiator: "local", reason: "done" });
  });

  test("notices a child that closed its stdin", async () => {
    const { port, receiver } = await run("closes-stdin");
    await receiver.framesArrived(1);
    port.send("x");
    expect(await receiver.closedOnce()).toMatchObject({ reason: expect.stringMatching(/EPIPE|output was closed/) });
  });

  test("keeps memory bounded while it does not read a child that floods", async () => {
    const { port, receiver } = await run("floods-stdout", ["64"]);
    await receiver.framesArrived(10);
    port.pause();
    const seen = receiver.frames.length;
    for (let turn = 0; turn < 200; turn += 1) await new Promise((resolve) => setImmediate(resolve));
    expect(receiver.frames.length).toBe(seen);
    port.resume();
    await receiver.closedOnce();
    expect(receiver.frames.length).toBe(64 * 1_024);
  });

  test("hands stderr to whoever asks, and drops it otherwise", async () => {
    const script = "process.stderr.write('x'.repeat(1e6) + 'end', () => console.log('written'))";
    const chunks: Uint8Array[] = [];
    for (const onStderr of [undefined, (chunk: Uint8Array) => void chunks.push(chunk)]) {
      const { port } = await spawnStdio({ command: process.execPath, args: ["-e", script], onStderr });
      const receiver = new RecordingReceiver();
      port.open(receiver);
      await receiver.framesArrived(1);
      await receiver.closedOnce();
    }
    expect(Buffer.concat(chunks).toString().endsWith("xend")).toBe(true);
  });

  test("is not held up by a grandchild that keeps stdout", async () => {
    const { receiver, exited } = await run("prints-after-exit", ["60000"]);
    await receiver.framesArrived(1);
    await exited;
    await receiver.closedOnce();
  });
});
