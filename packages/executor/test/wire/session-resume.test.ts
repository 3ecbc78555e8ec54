import { existsSync } from "node:fs";
import { readdir, readlink, writeFile } from "node:fs/promises";
import { memoryLink } from "@holdfast/rpc/memory";
import { tempDir, until } from "@holdfast/testkit";
import { describe, expect, test } from "vitest";
import { base64, Line, newExecutor } from "./line.ts";

function refusal(code: number, message: string) {
  return expect.objectContaining({ name: "RemoteError", code, message });
}

function read(line: Line, afterSeq: number, more: object = {}) {
  return line.call("process/read", { processId: "p", afterSeq, ...more });
}

function write(line: Line, writeId: string) {
  return line.call("process/write", { processId: "p", writeId, chunk: base64(writeId) });
}

describe("a session whose line was lost", () => {
  test("is resumed under its id, with its processes", async () => {
    await using line = await Line.ready();
    await line.start("p", ["cat"], { pipeStdin: true });
    await line.hangUp();
    const next = new Line({}, line.executor);
    const answer = await next.call("initialize", { clientName: "again", resumeSessionId: line.sessionId });
    expect(answer).toMatchObject({ sessionId: line.sessionId, environmentInfo: { cwd: "file:///" } });
    next.notify("initialized", {});
    expect(await write(next, "x")).toEqual({ status: "accepted" });
    await next.when(() => next.text("p") === "x");
  });

  test("asks for initialized again", async () => {
    await using line = await Line.ready();
    await line.hangUp();
    const next = new Line({}, line.executor);
    await next.call("initialize", { clientName: "again", resumeSessionId: line.sessionId });
    await expect(read(next, 0)).rejects.toThrow(
      refusal(-32600, "client must send initialized before using exec methods"),
    );
    next.notify("initialized", {});
    await expect(read(next, 0)).rejects.toThrow(refusal(-32600, "unknown process id p"));
  });

  test("keeps what was printed meanwhile, and live notices go on with the next number", async () => {
    await using folder = await tempDir();
    await using line = await Line.ready();
    const [go, printed] = [folder.join("go"), folder.join("printed")];
    const script = `echo 1; while [ ! -e ${go} ]; do sleep 0.01; done; echo 2; echo 3 >&2; touch ${printed}; cat`;
    await line.start("p", ["sh", "-c", script], { pipeStdin: true });
    await line.when(() => line.text("p") === "1\n");
    await line.hangUp();
    await writeFile(go, "");
    await until(() => existsSync(printed));
    const next = await Line.resume(line.executor, line.sessionId);
    await until(async () => (await read(next, 1)).nextSeq === 4);
    const { chunks } = await read(next, 1);
    expect(chunks.map(({ seq }: { seq: number }) => seq)).toEqual([2, 3]);
    await write(next, "live");
    await next.when(() => next.text("p").endsWith("live"));
    const seen = new Set([...chunks.map(({ seq }: { seq: number }) => seq), ...next.seqs("p")]);
    expect([...seen].sort()).toEqual([2, 3, 4]);
  });

  test("tells the exit and the close that happened meanwhile to a reader", async () => {
    await using folder = await tempDir();
    await using line = await Line.ready();
    const go = folder.join("go");
    await line.start("p", ["sh", "-c", `while [ ! -e ${go} ]; do sleep 0.01; done; echo x; exit 7`]);
    await line.hangUp();
    await writeFile(go, "");
    const next = await Line.resume(line.executor, line.sessionId);
    await until(async () => (await read(next, 0)).closed);
    expect(await read(next, 0)).toEqual({
      chunks: [{ seq: 1, stream: "stdout", chunk: base64("x\n") }],
      nextSeq: 4,
      exited: true,
      exitCode: 7,
      closed: true,
      failure: null,
      sandboxDenied: false,
    });
  });

  test("still knows which writes it has taken", async () => {
    await using line = await Line.ready();
    await line.start("p", ["cat"], { pipeStdin: true });
    await write(line, "once");
    await line.when(() => line.text("p") === "once");
    await line.hangUp();
    const next = await Line.resume(line.executor, line.sessionId);
    expect([await write(next, "once"), await write(next, "twice")]).toEqual([
      { status: "accepted" },
      { status: "accepted" },
    ]);
    await next.when(() => next.text("p") !== "");
    expect(next.text("p")).toBe("twice");
  });

  test("keeps its ids taken", async () => {
    await using line = await Line.ready();
    await line.run("p", ["true"]);
    await line.hangUp();
    const next = await Line.resume(line.executor, line.sessionId);
    await expect(next.start("p", ["true"])).rejects.toThrow(refusal(-32600, "process p already exists"));
  });

  test("keeps no file handle", async () => {
    await using folder = await tempDir();
    const file = folder.join("open");
    await writeFile(file, "content");
    const openHere = async () => {
      const links = (await readdir("/proc/self/fd")).map((fd) => readlink(`/proc/self/fd/${fd}`).catch(() => ""));
      return (await Promise.all(links)).filter((target) => target === file).length;
    };
    await using line = await Line.ready();
    await line.call("fs/open", { handleId: "h", path: `file://${file}` });
    expect(await openHere()).toBe(1);
    await line.hangUp();
    await until(async () => (await openHere()) === 0);
    const next = await Line.resume(line.executor, line.sessionId);
    const block = { handleId: "h", offset: 0, len: 1 };
    await expect(next.call("fs/readBlock", block)).rejects.toThrow(expect.objectContaining({ code: -32004 }));
    expect(await next.call("fs/open", { handleId: "h", path: `file://${file}` })).toEqual({ handleId: "h" });
  });

  test("is given back at once though a long poll was waiting", async () => {
    await using line = await Line.ready();
    await line.start("p", ["cat"], { pipeStdin: true });
    const poll = read(line, 0, { waitMs: 600_000 });
    const lost = expect(poll).rejects.toThrow(expect.objectContaining({ name: "LinkError", code: "closed" }));
    await line.hangUp();
    await lost;
    const next = await Line.resume(line.executor, line.sessionId);
    const waiting = read(next, 0, { waitMs: 600_000 });
    await write(next, "x");
    expect(await waiting).toMatchObject({ chunks: [{ seq: 1, chunk: base64("x") }] });
  });

  test("does not block a child on the line that is gone", async () => {
    const executor = newExecutor();
    const [near, far] = memoryLink({ highWaterBytes: 1_000 });
    executor.accept(far);
    await using line = new Line({}, executor, near);
    await line.open();
    await line.start("p", ["head", "-c", "5000000", "/dev/zero"]);
    near.pause();
    await until(() => !far.writable);
    near.destroy("lost");
    await until(() => executor.connectionCount === 0);
    const next = await Line.resume(executor, line.sessionId);
    await until(async () => (await read(next, 0, { maxBytes: 0 })).closed);
    expect(await read(next, 0, { maxBytes: 0 })).toMatchObject({ exitCode: 0 });
  });

  test("may be lost and resumed again and again", async () => {
    await using line = await Line.ready();
    await line.start("p", ["cat"], { pipeStdin: true });
    let current = line;
    for (let round = 1; round <= 50; round++) {
      await current.hangUp();
      current = await Line.resume(line.executor, line.sessionId);
      await write(current, `${round};`);
      await current.when(() => current.text("p") === `${round};`);
      expect(current.seqs("p")).toEqual([round]);
    }
  });
});

describe("an initialize that failed to resume", () => {
  test("may be followed by another on the same connection, with or without resume", async () => {
    await using holder = await Line.ready();
    const line = new Line({}, holder.executor);
    const resume = (resumeSessionId: string | null) => line.call("initialize", { clientName: "test", resumeSessionId });
    await expect(resume("unknown")).rejects.toThrow(refusal(-32600, "unknown session id unknown"));
    await expect(resume(holder.sessionId)).rejects.toThrow(expect.objectContaining({ code: -32010 }));
    const { sessionId } = await resume(null);
    expect(sessionId).not.toBe(holder.sessionId);
    line.notify("initialized", {});
    expect(await line.run("p", ["echo", "x"])).toBe("x\n");
    await expect(resume(holder.sessionId)).rejects.toThrow(
      refusal(-32600, "initialize may only be sent once per connection"),
    );
  });

  test("because another held it succeeds on the same connection when that one is gone", async () => {
    await using holder = await Line.ready();
    const line = new Line({}, holder.executor);
    await expect(line.open({ resumeSessionId: holder.sessionId })).rejects.toThrow(
      refusal(-32010, `session ${holder.sessionId} is already attached to another connection`),
    );
    await holder.hangUp();
    await line.open({ resumeSessionId: holder.sessionId });
    expect(line.sessionId).toBe(holder.sessionId);
  });

  test.each([
    ["the empty text", "", "unknown session id "],
    ["an id of nobody", "00000000-0000-4000-8000-000000000000", /^unknown session id 00000000-/],
    ["the name of a property of every object", "__proto__", "unknown session id __proto__"],
  ])("is refused for %s", async (_, resumeSessionId, message) => {
    await using line = new Line();
    await expect(line.open({ resumeSessionId })).rejects.toThrow(
      expect.objectContaining({ code: -32600, message: expect.stringMatching(message) }),
    );
  });

  test("is refused for an id of another executor", async () => {
    await using foreign = await Line.ready();
    await using line = new Line();
    await foreign.hangUp();
    await expect(line.open({ resumeSessionId: foreign.sessionId })).rejects.toThrow(
      refusal(-32600, `unknown session id ${foreign.sessionId}`),
    );
  });

  test("is refused for an id that is no text", async () => {
    await using line = new Line();
    await expect(line.open({ resumeSessionId: 7 })).rejects.toThrow(expect.objectContaining({ code: -32602 }));
  });

  test("lets exactly one of many win that resume at once", async () => {
    await using line = await Line.ready();
    await line.start("p", ["cat"], { pipeStdin: true });
    await line.hangUp();
    const racers = Array.from({ length: 20 }, () => new Line({}, line.executor));
    const outcomes = await Promise.allSettled(racers.map((each) => each.open({ resumeSessionId: line.sessionId })));
    const winner = racers[outcomes.findIndex(({ status }) => status === "fulfilled")];
    const lost = outcomes.flatMap((each) => (each.status === "rejected" ? [each.reason.code] : []));
    expect(lost).toEqual(Array.from({ length: 19 }, () => -32010));
    // The losers' lines go, and take nothing from the winner.
    for (const each of racers) if (each !== winner) await each.hangUp();
    if (winner === undefined) throw new Error("nobody won");
    await write(winner, "x");
    await winner.when(() => winner.text("p") === "x");
  });
});
