import { createHash, randomBytes } from "node:crypto";
import { existsSync, statSync } from "node:fs";
import { writeFile } from "node:fs/promises";
import { FakeClock, tempDir, until } from "@holdfast/testkit";
import { describe, expect, test } from "vitest";
import { SETTLE_MS, UNREAD_LIMIT_MS } from "../../src/session/catch-up.ts";
import { Line } from "./line.ts";

/** What the reference client parks of one process: the most that may come before its read is answered. */
const PARKED_EVENTS = 256;

function read(line: Line, processId: string, afterSeq: number, more: object = {}) {
  return line.call("process/read", { processId, afterSeq, ...more });
}

async function turns(count: number) {
  for (let turn = 0; turn < count; turn += 1) await new Promise((resolve) => setImmediate(resolve));
}

/**
 * Lines of 1,000 bytes, and behind each one a byte more in a file: more than a pipe holds are read by somebody. The file only
 * grows: one that is written anew each time is empty for as long as the disk takes.
 */
function prints(progress: string) {
  return `line=$(printf %01000d 0); while :; do echo $line; printf . >> ${progress}; done`;
}

const MORE_THAN_A_PIPE_HOLDS = 200;
/** For a shell that prints on a machine with more to do. */
const LONG_MS = 30_000;

/** A process that prints as fast as it can, and one that only answers. The line is lost, and the first prints on. */
async function lostWhilePrinting() {
  const clock = new FakeClock();
  const folder = await tempDir();
  const progress = folder.join("progress");
  const count = () => statSync(progress).size;
  const line = await Line.ready({ clock });
  await line.start("quiet", ["cat"], { pipeStdin: true });
  await line.start("fast", ["sh", "-c", prints(progress)]);
  await line.when(() => line.of("fast").length > 20);
  await line.hangUp();
  const before = await until(count, { deadlineMs: LONG_MS });
  await until(() => count() > before + MORE_THAN_A_PIPE_HOLDS, { deadlineMs: LONG_MS });
  const dispose = async () => {
    await line[Symbol.asyncDispose]();
    await folder[Symbol.asyncDispose]();
  };
  return { line, clock, [Symbol.asyncDispose]: dispose };
}

/** Exactly one hole-free run of numbers from `from` on. */
function consecutive(seqs: readonly number[], from: number) {
  return seqs.map((_, index) => from + index);
}

describe("a client that comes back to a process that prints fast", { timeout: 90_000 }, () => {
  test("is pushed nothing of it before its read is answered, and everything after", async () => {
    await using lost = await lostWhilePrinting();
    const { line, clock } = lost;
    const next = await Line.resume(line.executor, line.sessionId);
    // As many turns as would bring thousands of events.
    await turns(500);
    expect(next.of("fast")).toEqual([]);
    const { chunks, nextSeq } = await read(next, "fast", 0);
    await turns(100);
    expect(next.of("fast")).toEqual([]);
    await clock.advance(SETTLE_MS);
    await next.when(() => next.of("fast").length > 2 * PARKED_EVENTS);
    const seqs = next.seqs("fast");
    expect(seqs).toEqual(consecutive(seqs, seqs[0] ?? 0));
    expect(seqs[0]).toBeLessThanOrEqual(nextSeq);
    expect(chunks.at(-1).seq).toBe(nextSeq - 1);
  });

  test("is pushed everything when it does not read within the limit", async () => {
    await using lost = await lostWhilePrinting();
    const { line, clock } = lost;
    const next = await Line.resume(line.executor, line.sessionId);
    await clock.advance(UNREAD_LIMIT_MS - 1);
    expect(next.of("fast")).toEqual([]);
    await clock.advance(1);
    await next.when(() => next.of("fast").length > PARKED_EVENTS);
  });

  test("is told at once of a process that did nothing meanwhile", async () => {
    await using lost = await lostWhilePrinting();
    const { line } = lost;
    const next = await Line.resume(line.executor, line.sessionId);
    await next.call("process/write", { processId: "quiet", writeId: "1", chunk: "aGk=" });
    await next.when(() => next.text("quiet") === "hi");
    expect(next.of("fast")).toEqual([]);
  });

  test("may read piece by piece, and is pushed nothing before the last one", async () => {
    await using lost = await lostWhilePrinting();
    const { line, clock } = lost;
    const next = await Line.resume(line.executor, line.sessionId);
    await turns(20);
    let afterSeq = 0;
    for (let piece = 0; piece < 5; piece += 1) {
      afterSeq = (await read(next, "fast", afterSeq, { maxBytes: 0 })).nextSeq - 1;
      await clock.advance(UNREAD_LIMIT_MS - 1);
      await turns(50);
      expect(next.of("fast")).toEqual([]);
    }
    await read(next, "fast", afterSeq);
    await clock.advance(SETTLE_MS);
    await next.when(() => next.of("fast").length > PARKED_EVENTS);
  });

  test("is answered by a long poll at the end of what there is: the process goes on", async () => {
    await using lost = await lostWhilePrinting();
    const { line, clock } = lost;
    const next = await Line.resume(line.executor, line.sessionId);
    await turns(20);
    const { nextSeq } = await read(next, "fast", 0);
    await next.call("process/read", { processId: "quiet", afterSeq: 0 });
    const poll = read(next, "fast", nextSeq - 1, { waitMs: 600_000 });
    await clock.advance(SETTLE_MS);
    expect((await poll).chunks[0].seq).toBe(nextSeq);
  });

  test("loses it again before it reads: the process goes on, and nothing is held back for good", async () => {
    await using lost = await lostWhilePrinting();
    const { line, clock } = lost;
    for (let round = 0; round < 5; round += 1) {
      const next = await Line.resume(line.executor, line.sessionId);
      await turns(10);
      expect(next.of("fast")).toEqual([]);
      await next.hangUp();
    }
    const last = await Line.resume(line.executor, line.sessionId);
    const before = (await read(last, "fast", 2 ** 40)).nextSeq;
    await clock.advance(SETTLE_MS);
    await last.when(() => last.seqs("fast").some((seq) => seq > before + PARKED_EVENTS));
  });

  test("can still end it, and is told its exit and close", async () => {
    await using lost = await lostWhilePrinting();
    const { line, clock } = lost;
    const next = await Line.resume(line.executor, line.sessionId);
    expect(await next.call("process/terminate", { processId: "fast" })).toEqual({ running: true });
    await until(async () => (await read(next, "fast", 2 ** 40)).closed);
    await clock.advance(SETTLE_MS);
    await next.when(() => next.isClosed("fast"));
    const seqs = next.seqs("fast");
    expect(seqs).toEqual(consecutive(seqs, seqs[0] ?? 0));
  });
});

type Paths = [string, string, string, string];

test("output that goes on past what is retained is whole after one read, because the child waits for that", async () => {
  await using folder = await tempDir();
  const content = randomBytes(20_000_000);
  const file = folder.join("content");
  const [go, done, on, going] = ["go", "done", "on", "going"].map((name) => folder.join(name)) as Paths;
  await writeFile(file, content);
  await using line = await Line.ready();
  const waitFor = (path: string) => `while [ ! -e ${path} ]; do sleep 0.01; done`;
  const script = `${waitFor(go)}; head -c 300000 ${file}; touch ${done}; ${waitFor(on)}; touch ${going}; tail -c +300001 ${file}`;
  await line.start("p", ["sh", "-c", script]);
  await line.hangUp();
  await writeFile(go, "");
  await until(() => existsSync(done), { deadlineMs: LONG_MS });
  const next = await Line.resume(line.executor, line.sessionId);
  await writeFile(on, "");
  await until(() => existsSync(going), { deadlineMs: LONG_MS });
  await turns(2_000);
  expect(next.of("p")).toEqual([]);
  const { chunks } = await read(next, "p", 0);
  await next.when(() => next.isClosed("p"));
  const bySeq = new Map<number, string>(chunks.map(({ seq, chunk }: { seq: number; chunk: string }) => [seq, chunk]));
  for (const { method, params } of next.of("p")) {
    if (method === "process/output") bySeq.set(Number(params.seq), String(params.chunk));
  }
  const hash = createHash("sha256");
  for (let seq = 1; seq <= bySeq.size; seq += 1) hash.update(Buffer.from(bySeq.get(seq) ?? "", "base64"));
  expect(hash.digest("hex")).toBe(createHash("sha256").update(content).digest("hex"));
}, 90_000);
