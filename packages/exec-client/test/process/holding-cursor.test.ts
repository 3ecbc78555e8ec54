import { describe, expect, test } from "vitest";
import { EventLog } from "../../src/process/event-log.ts";
import type { ProcessEvent } from "../../src/process/events.ts";
import { HoldingCursor, type HoldingSource } from "../../src/process/holding-cursor.ts";
import { settle } from "../support/connected.ts";
import { chunk, readResult } from "../support/fake-exec-server.ts";

const MIB = 1_048_576;

function output(seq: number, bytes: number, stream: "stdout" | "stderr" = "stdout") {
  return { type: "output", seq, stream, data: new Uint8Array(bytes) } as const;
}

function isStderr(event: ProcessEvent): boolean {
  return event.type === "output" && event.stream === "stderr";
}

/** A process whose holds are written down: `+` when one is taken, `-` when it is released. */
function setUp(retained: readonly ReturnType<typeof chunk>[] = []) {
  const log = new EventLog();
  const holds: string[] = [];
  const hold = (what: string): Disposable => {
    holds.push(`+${what}`);
    return { [Symbol.dispose]: () => void holds.push(`-${what}`) };
  };
  const append = (count: number, bytes: number, stream?: "stdout" | "stderr") => {
    for (let left = count; left > 0; left -= 1) log.append(output(log.lastSeq + 1, bytes, stream));
  };
  const source: HoldingSource = {
    processId: "p",
    log,
    read: async () => {
      const chunks = retained.map((each) => ({ ...each, chunk: Buffer.from(each.chunk, "base64") }));
      return { ...readResult({ nextSeq: log.lastSeq + 1 }), chunks } as Awaited<ReturnType<HoldingSource["read"]>>;
    },
    holdOutput: () => hold("process"),
    holdLine: () => hold("line"),
  };
  return { log, holds, append, source };
}

async function take(cursor: HoldingCursor, count: number): Promise<number[]> {
  const seqs: number[] = [];
  for (let left = count; left > 0; left -= 1) seqs.push((await cursor.next())?.seq ?? 0);
  return seqs;
}

describe("a subscriber that loses nothing", () => {
  test("gets every event, however far behind it is", async () => {
    const { source, append, log } = setUp();
    const cursor = new HoldingCursor(source, 0);
    append(40, MIB);
    expect(log.bytes).toBeLessThanOrEqual(MIB);
    expect(await take(cursor, 40)).toEqual(Array.from({ length: 40 }, (_, index) => index + 1));
  });

  test("holds the process from 4 MiB on, and lets it go on at 1 MiB", async () => {
    const { source, append, holds } = setUp();
    const cursor = new HoldingCursor(source, 0);
    append(3, MIB);
    expect(holds).toEqual([]);
    append(1, MIB);
    append(1, MIB);
    expect(holds).toEqual(["+process"]);
    await take(cursor, 4);
    expect(holds).toEqual(["+process"]);
    await take(cursor, 1);
    expect(holds).toEqual(["+process", "-process"]);
    append(4, MIB);
    expect(holds).toEqual(["+process", "-process", "+process"]);
  });

  test("holds it for many small events, too", () => {
    const { source, append, holds } = setUp();
    new HoldingCursor(source, 0);
    append(16_000, 1);
    expect(holds).toEqual([]);
    append(1_000, 1);
    expect(holds).toEqual(["+process"]);
  });

  test("holds the connection when 64 MiB have come in spite of that", async () => {
    const { source, append, holds } = setUp();
    const cursor = new HoldingCursor(source, 0);
    append(64, MIB);
    expect(holds).toEqual(["+process", "+line"]);
    await take(cursor, 17);
    expect(holds).toEqual(["+process", "+line", "-line"]);
    cursor.close();
    expect(holds).toEqual(["+process", "+line", "-line", "-process"]);
  });

  test("skips what it does not want, and makes nobody wait for that", async () => {
    const { source, append, holds } = setUp();
    const cursor = new HoldingCursor(source, 0, isStderr);
    append(1, 10, "stderr");
    append(20, MIB, "stdout");
    append(1, 10, "stderr");
    expect([holds, await take(cursor, 2)]).toEqual([[], [1, 22]]);
  });

  test("gets what came before it failed, then why", async () => {
    const { source, append, log, holds } = setUp();
    const cursor = new HoldingCursor(source, 0);
    append(5, MIB);
    log.fail(new Error("over"));
    expect(await take(cursor, 5)).toEqual([1, 2, 3, 4, 5]);
    await expect(cursor.next()).rejects.toThrow("over");
    expect([holds, await cursor.next()]).toEqual([["+process", "-process"], undefined]);
  });

  test("ends after the closed event, also while it waits", async () => {
    const { source, log } = setUp();
    const cursor = new HoldingCursor(source, 0);
    const first = cursor.next();
    await settle();
    log.append({ type: "exited", seq: 1, exitCode: 0, sandboxDenied: false });
    expect((await first)?.type).toBe("exited");
    const rest = take(cursor, 2);
    log.append({ type: "closed", seq: 2 });
    expect(await rest).toEqual([2, 0]);
  });

  test("answers a pending next with undefined when it is closed, and holds nothing any more", async () => {
    const { source, append, holds } = setUp();
    const cursor = new HoldingCursor(source, 0);
    const pending = cursor.next();
    await settle();
    cursor.close();
    append(10, MIB);
    expect([await pending, holds]).toEqual([undefined, []]);
  });

  test("that comes late reads back what the log dropped, and goes on without a seam", async () => {
    const { source, append } = setUp(Array.from({ length: 50 }, (_, index) => chunk(index + 1, "x")));
    append(300, 1);
    const cursor = new HoldingCursor(source, 0);
    append(10, 1);
    expect(await take(cursor, 310)).toEqual(Array.from({ length: 310 }, (_, index) => index + 1));
  });

  test("that comes too late is told the exact gap, and goes on behind it", async () => {
    const { source, append, log } = setUp();
    append(300, 1);
    const cursor = new HoldingCursor(source, 0);
    const { firstSeq } = log;
    await expect(cursor.next()).rejects.toMatchObject({ code: "output-gap", fromSeq: 1, toSeq: firstSeq - 1 });
    expect(await cursor.next()).toBeUndefined();
    const next = new HoldingCursor(source, firstSeq - 1);
    expect(await take(next, 1)).toEqual([firstSeq]);
  });

  test("leaves out what it did not ask for, be it there or yet to come", async () => {
    const { source, append } = setUp();
    append(2, 1);
    const cursor = new HoldingCursor(source, 4);
    append(4, 1);
    expect(await take(cursor, 2)).toEqual([5, 6]);
  });
});
