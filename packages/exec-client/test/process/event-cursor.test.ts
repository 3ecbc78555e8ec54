import { describe, expect, test } from "vitest";
import { type CursorSource, EventCursor } from "../../src/process/event-cursor.ts";
import { EventLog } from "../../src/process/event-log.ts";
import { settle } from "../support/connected.ts";
import { readResult } from "../support/fake-exec-server.ts";

const KIB = 1_024;

function output(seq: number, bytes: number) {
  return { type: "output", seq, stream: "stdout", data: new Uint8Array(bytes) } as const;
}

function setUp() {
  const log = new EventLog();
  const reads: number[] = [];
  const read: CursorSource["read"] = async (after) => {
    reads.push(after);
    return readResult({ nextSeq: log.lastSeq + 1 }) as unknown as Awaited<ReturnType<CursorSource["read"]>>;
  };
  const append = (count: number, bytes: number) => {
    for (let left = count; left > 0; left -= 1) log.append(output(log.lastSeq + 1, bytes));
  };
  return { log, reads, append, source: { processId: "p", log, read } };
}

describe("a cursor", () => {
  test("that lags more than 16 MiB behind is told the exact gap after what it had taken", async () => {
    const { source, append, log, reads } = setUp();
    const cursor = new EventCursor(source, 0);
    append(3, 100);
    for (const seq of [1, 2]) expect((await cursor.next())?.seq).toBe(seq);
    append(20 * KIB, KIB);
    const lost = log.firstSeq - 3;
    await expect(cursor.next()).rejects.toMatchObject({
      code: "output-gap",
      fromSeq: 3,
      toSeq: log.firstSeq - 1,
      missingEvents: lost,
      missingBytes: 100 + (lost - 1) * KIB,
    });
    expect(reads).toEqual([2]);
    expect(await cursor.next()).toBeUndefined();
  });

  test("lets go of the log when it is closed", () => {
    const { source, append, log } = setUp();
    const cursor = new EventCursor(source, 0);
    append(1_000, 1);
    expect(log.firstSeq).toBe(1);
    cursor.close();
    expect(log.firstSeq).toBe(745);
  });

  test("answers a pending next with undefined when it is closed", async () => {
    const { source } = setUp();
    const cursor = new EventCursor(source, 0);
    const pending = cursor.next();
    await settle();
    cursor.close();
    expect(await pending).toBeUndefined();
  });

  test("after the newest event waits for the next one", async () => {
    const { source, append } = setUp();
    append(2, 1);
    const cursor = new EventCursor(source, 2);
    const pending = cursor.next();
    await settle();
    append(1, 1);
    expect((await pending)?.seq).toBe(3);
  });
});
