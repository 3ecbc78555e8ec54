import { describe, expect, test } from "vitest";
import { settle } from "../support/connected.ts";
import { recoverable } from "../support/dialler.ts";
import { chunk, LINUX_INFO, readResult } from "../support/fake-exec-server.ts";

/** With what an event counts besides its output it is 1 MiB. */
const BIG_BYTES = 1_048_576 - 256;
const BIG = "x".repeat(BIG_BYTES);
const HOLDING_INFO = {
  ...LINUX_INFO,
  capabilities: { ...LINUX_INFO.capabilities, holdfastOutputHold: true },
};

/** An executor that can hold one process back. */
const CAN_HOLD = {
  initialize: () => ({ sessionId: "session-1", environmentInfo: HOLDING_INFO }),
  "holdfast/holdOutput": () => ({}),
};

/** What a reader takes in one read, in bytes; 0 at the end. */
async function readSome(reader: ReadableStreamDefaultReader<Uint8Array>): Promise<number> {
  return (await reader.read()).value?.byteLength ?? 0;
}

async function readAll(reader: ReadableStreamDefaultReader<Uint8Array>): Promise<number> {
  let bytes = 0;
  for (let more = await readSome(reader); more > 0; more = await readSome(reader)) bytes += more;
  return bytes;
}

describe("a slow reader, where the executor can hold one process", () => {
  test("has it held while 4 MiB wait, and let go on when 1 MiB is left", async () => {
    await using line = await recoverable(CAN_HOLD);
    const process = await line.executor.processes.start({ argv: ["a"], processId: "p" });
    const reader = process.stdout.getReader();
    const { last: server } = line.dialler;
    for (let seq = 1; seq <= 6; seq += 1) server.output("p", seq, BIG);
    await settle();
    expect(server.of("holdfast/holdOutput")).toEqual([{ processId: "p", held: true }]);
    for (let left = 5; left > 0; left -= 1) expect(await readSome(reader)).toBe(BIG_BYTES);
    await settle();
    expect(server.of("holdfast/holdOutput")).toEqual([
      { processId: "p", held: true },
      { processId: "p", held: false },
    ]);
    server.exited("p", 7);
    server.finished("p", 8);
    expect(await readAll(reader)).toBe(BIG_BYTES);
  });

  test("has it held again by the connection after a lost one, and loses nothing", async () => {
    await using line = await recoverable({ ...CAN_HOLD, "process/read": () => readResult({ nextSeq: 6 }) });
    const process = await line.executor.processes.start({ argv: ["a"], processId: "p" });
    const reader = process.stdout.getReader();
    for (let seq = 1; seq <= 5; seq += 1) line.dialler.last.output("p", seq, BIG);
    await settle();
    await line.cut();
    await settle();
    const { last: server } = line.dialler;
    expect(line.dialler.dials).toBe(2);
    expect(server.of("holdfast/holdOutput")).toEqual([{ processId: "p", held: true }]);
    const read = readAll(reader);
    await settle();
    expect(server.of("holdfast/holdOutput").at(-1)).toEqual({ processId: "p", held: false });
    server.output("p", 6, BIG);
    server.exited("p", 7);
    server.finished("p", 8);
    expect(await read).toBe(6 * BIG_BYTES);
  });

  test("is counted with others: the process goes on when the slowest of them keeps up", async () => {
    await using line = await recoverable(CAN_HOLD);
    const process = await line.executor.processes.start({ argv: ["a"], processId: "p" });
    const [stdout, output] = [process.stdout.getReader(), process.output.getReader()];
    const { last: server } = line.dialler;
    for (let seq = 1; seq <= 4; seq += 1) server.output("p", seq, BIG);
    await settle();
    for (let left = 4; left > 0; left -= 1) await readSome(stdout);
    await settle();
    expect(server.of("holdfast/holdOutput")).toEqual([{ processId: "p", held: true }]);
    await output.cancel();
    await settle();
    expect(server.of("holdfast/holdOutput").at(-1)).toEqual({ processId: "p", held: false });
  });

  test("of stderr does not hold a process for what it prints to stdout", async () => {
    await using line = await recoverable(CAN_HOLD);
    const process = await line.executor.processes.start({ argv: ["a"], processId: "p" });
    const stderr = process.stderr.getReader();
    const { last: server } = line.dialler;
    server.output("p", 1, "oh", "stderr");
    for (let seq = 2; seq <= 30; seq += 1) server.output("p", seq, BIG);
    server.exited("p", 31);
    server.finished("p", 32);
    await process.closed;
    expect([server.of("holdfast/holdOutput"), await readAll(stderr)]).toEqual([[], 2]);
  });

  test("that accepts gaps holds nothing, and is told what it lost", async () => {
    await using line = await recoverable({ ...CAN_HOLD, "process/read": () => readResult({ nextSeq: 21 }) });
    const process = await line.executor.processes.start({ argv: ["a"], processId: "p" });
    const events = process.events({ whenSlow: "gap" });
    const { last: server } = line.dialler;
    server.output("p", 1, BIG);
    expect((await events.next()).value).toMatchObject({ seq: 1 });
    for (let seq = 2; seq <= 20; seq += 1) server.output("p", seq, BIG);
    await settle();
    await settle();
    expect(server.of("holdfast/holdOutput")).toEqual([]);
    await expect(events.next()).rejects.toMatchObject({ code: "output-gap", fromSeq: 2, toSeq: 4 });
  });

  test("holds nothing any more once the process is terminated, and gets what had come", async () => {
    await using line = await recoverable(CAN_HOLD);
    const process = await line.executor.processes.start({ argv: ["a"], processId: "p" });
    const reader = process.stdout.getReader();
    const { last: server } = line.dialler;
    for (let seq = 1; seq <= 5; seq += 1) server.output("p", seq, BIG);
    await settle();
    await process.terminate();
    await settle();
    expect(server.of("holdfast/holdOutput").at(-1)).toEqual({ processId: "p", held: false });
    for (let seq = 6; seq <= 15; seq += 1) server.output("p", seq, BIG);
    server.exited("p", 16, 137);
    server.finished("p", 17);
    expect(await readAll(reader)).toBe(15 * BIG_BYTES);
    expect(server.of("holdfast/holdOutput")).toHaveLength(2);
  });

  test("needs no answer to its hold: the executor may have forgotten the process", async () => {
    await using line = await recoverable({ initialize: CAN_HOLD.initialize });
    const process = await line.executor.processes.start({ argv: ["a"], processId: "p" });
    const reader = process.stdout.getReader();
    const { last: server } = line.dialler;
    for (let seq = 1; seq <= 5; seq += 1) server.output("p", seq, BIG);
    server.exited("p", 6);
    server.finished("p", 7);
    expect(await readAll(reader)).toBe(5 * BIG_BYTES);
  });
});

/** What the held connection had not handed on when it was lost. */
const MISSED = readResult({ chunks: [chunk(5, BIG)], nextSeq: 6 });

describe("a slow reader, where the executor can hold nothing back", () => {
  test("has the connection held, and answers are heard all the same", async () => {
    await using line = await recoverable({ "fs/readFile": () => ({ dataBase64: "YQ==" }) });
    const [p, q] = await Promise.all(
      ["p", "q"].map((processId) => line.executor.processes.start({ argv: ["a"], processId })),
    );
    const reader = p?.stdout.getReader();
    const { last: server } = line.dialler;
    for (let seq = 1; seq <= 5; seq += 1) server.output("p", seq, BIG);
    await settle();
    server.exited("q", 1);
    server.finished("q", 2);
    await settle();
    expect(q?.lastSeq).toBe(0);
    expect(await line.executor.fs.readTextFile("/a")).toBe("a");
    expect(q?.lastSeq).toBe(0);
    for (let left = 4; left > 0; left -= 1) await reader?.read();
    expect(await q?.closed).toMatchObject({ exitCode: 0 });
  });

  test("has the next connection held, too, but not what is caught up with on it", async () => {
    await using line = await recoverable({ "process/read": () => MISSED });
    const process = await line.executor.processes.start({ argv: ["a"], processId: "p" });
    const reader = process.stdout.getReader();
    for (let seq = 1; seq <= 5; seq += 1) line.dialler.last.output("p", seq, BIG);
    await settle();
    await line.cut();
    expect(line.executor.state).toBe("connected");
    const { last: server } = line.dialler;
    server.output("p", 6, BIG);
    server.exited("p", 7);
    server.finished("p", 8);
    await settle();
    expect(process.lastSeq).toBe(5);
    expect(await readAll(reader)).toBe(6 * BIG_BYTES);
  });

  test("that goes on reading between two connections leaves the next one free", async () => {
    await using line = await recoverable({ "process/read": () => MISSED });
    const process = await line.executor.processes.start({ argv: ["a"], processId: "p" });
    const reader = process.stdout.getReader();
    for (let seq = 1; seq <= 5; seq += 1) line.dialler.last.output("p", seq, BIG);
    await settle();
    line.dialler.plans.push("nobody");
    await line.cut();
    expect(line.executor.state).toBe("recovering");
    for (let left = 4; left > 0; left -= 1) await reader.read();
    await line.clock.advance(100);
    await settle();
    expect(line.executor.state).toBe("connected");
    line.dialler.last.output("p", 6, BIG);
    await settle();
    expect(process.lastSeq).toBe(6);
  });

  test("that is given up lets the connection go on", async () => {
    await using line = await recoverable();
    const process = await line.executor.processes.start({ argv: ["a"], processId: "p" });
    const reader = process.stdout.getReader();
    const { last: server } = line.dialler;
    for (let seq = 1; seq <= 8; seq += 1) server.output("p", seq, BIG);
    await settle();
    expect(process.lastSeq).toBeLessThan(8);
    await reader.cancel();
    server.exited("p", 9);
    server.finished("p", 10);
    expect(await process.closed).toMatchObject({ exitCode: 0 });
  });
});
