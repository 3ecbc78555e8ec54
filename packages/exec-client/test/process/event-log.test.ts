import { describe, expect, test } from "vitest";
import { EventLog } from "../../src/process/event-log.ts";

function output(seq: number, bytes: number) {
  return { type: "output", seq, stream: "stdout", data: new Uint8Array(bytes) } as const;
}

function exited(seq: number) {
  return { type: "exited", seq, exitCode: 0, sandboxDenied: false } as const;
}

function filled(count: number, bytes: number, log = new EventLog()): EventLog {
  const from = log.lastSeq + 1;
  for (let seq = from; seq < from + count; seq += 1) log.append(output(seq, bytes));
  return log;
}

describe("without readers", () => {
  test("the newest 256 events are kept", () => {
    const log = filled(257, 1);
    expect([log.firstSeq, log.lastSeq, log.droppedBytes]).toEqual([2, 257, 1]);
    expect(log.at(1)).toBeUndefined();
    expect(log.at(2)?.seq).toBe(2);
    expect(log.at(257)?.seq).toBe(257);
    expect(log.at(258)).toBeUndefined();
  });

  test("the newest 1 MiB is kept", () => {
    const log = filled(129, 8_192);
    expect([log.firstSeq, log.bytes, log.droppedBytes]).toEqual([2, 1_048_576, 8_192]);
  });

  test("a single event over the bound is dropped as well", () => {
    const log = filled(1, 1_048_577);
    expect([log.firstSeq, log.lastSeq, log.bytes]).toEqual([2, 1, 0]);
  });

  test("stays within its bounds over a million events", () => {
    const log = filled(1_000_000, 1);
    expect(log.lastSeq - log.firstSeq + 1).toBe(256);
    expect(log.at(999_999)?.seq).toBe(999_999);
    expect(log.droppedBytes).toBe(1_000_000 - 256);
  });
});

function readerAt(nextSeq: number) {
  return { nextSeq, changed: () => {} };
}

describe("an attached reader", () => {
  test("holds back what it has not taken", () => {
    const log = new EventLog();
    log.attach(readerAt(3));
    filled(1_000, 1, log);
    expect(log.firstSeq).toBe(3);
  });

  test("holds back no more than 16,384 events", () => {
    const log = new EventLog();
    log.attach(readerAt(1));
    filled(16_385, 1, log);
    expect(log.firstSeq).toBe(2);
  });

  test("holds back no more than 16 MiB", () => {
    const log = new EventLog();
    log.attach(readerAt(1));
    filled(17, 1_048_576, log);
    expect([log.firstSeq, log.bytes]).toEqual([2, 16_777_216]);
  });

  test("that leaves frees what only it held", () => {
    const log = new EventLog();
    const reader = readerAt(1);
    log.attach(reader);
    filled(1_000, 1, log);
    log.detach(reader);
    expect(log.firstSeq).toBe(745);
  });
});

test("the exit is found although it left the log", () => {
  const log = new EventLog();
  log.append(exited(1));
  for (let seq = 2; seq <= 300; seq += 1) log.append(output(seq, 1));
  expect(log.firstSeq).toBeGreaterThan(1);
  expect(log.at(1)).toEqual(exited(1));
  expect(log.dropped(1)).toEqual(exited(1));
});

test("bytesBefore counts dropped and held output, and is unknown inside what was dropped", () => {
  const log = filled(300, 2);
  expect(log.bytesBefore(1)).toBe(0);
  expect(log.bytesBefore(10)).toBeUndefined();
  expect(log.bytesBefore(log.firstSeq)).toBe(88);
  expect(log.bytesBefore(301)).toBe(600);
  expect(log.bytesBefore(302)).toBeUndefined();
});

test("the first end wins, and nothing is appended after it", () => {
  const log = filled(1, 1);
  log.fail("first");
  log.fail("second");
  log.append(output(2, 1));
  expect(log.state).toEqual({ kind: "failed", error: "first" });
  expect(log.lastSeq).toBe(1);
});

test("a reader is told of each event and of the end, and of nothing once it is detached", () => {
  const log = new EventLog();
  const told: string[] = [];
  const gone = { nextSeq: 1, changed: () => void told.push("gone") };
  log.attach({ nextSeq: 1, changed: () => void told.push(`${log.lastSeq} ${log.state.kind}`) });
  log.attach(gone);
  log.detach(gone);
  filled(2, 1, log);
  log.fail("over");
  expect(told).toEqual(["1 open", "2 open", "2 failed"]);
});

test("a reader can take an event that is too large to be kept", () => {
  const log = new EventLog();
  const taken: (number | undefined)[] = [];
  log.attach({ nextSeq: Number.POSITIVE_INFINITY, changed: () => void taken.push(log.at(log.lastSeq)?.seq) });
  filled(1, 2_000_000, log);
  expect([taken, log.at(1)]).toEqual([[1], undefined]);
});
