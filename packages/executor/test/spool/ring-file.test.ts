import { closeSync, constants, openSync, writeSync } from "node:fs";
import { tempDir, until } from "@holdfast/testkit";
import { describe, expect, test } from "vitest";
import type { OutputChunk } from "../../src/process/index.ts";
import { RingFile } from "../../src/spool/ring-file.ts";

const HEADER_BYTES = 11;

function chunk(seq: number, bytes: number): OutputChunk {
  return {
    seq,
    stream: seq % 2 === 0 ? "stdout" : "stderr",
    data: Buffer.alloc(bytes, seq),
  };
}

async function setUp(maxBytes: number) {
  const folder = await tempDir();
  const failures: unknown[] = [];
  const descriptors: number[] = [];
  const open = () => {
    const { O_CREAT, O_EXCL, O_RDWR } = constants;
    const descriptor = openSync(folder.join("ring"), O_CREAT | O_EXCL | O_RDWR);
    descriptors.push(descriptor);
    return descriptor;
  };
  const ring = new RingFile({ maxBytes, open, onFailure: (error) => failures.push(error) });
  const readAll = async (afterSeq = 0) => {
    const chunks: OutputChunk[] = [];
    for (let cursor = afterSeq; ring.lastSeq > cursor; cursor = chunks.at(-1)?.seq ?? ring.lastSeq) {
      chunks.push(...(await ring.read(cursor)));
    }
    return chunks;
  };
  const dispose = async () => {
    ring.dispose();
    await folder[Symbol.asyncDispose]();
  };
  return { ring, failures, descriptors, readAll, [Symbol.asyncDispose]: dispose };
}

function isOpen(descriptor: number): boolean {
  try {
    writeSync(descriptor, "");
    return true;
  } catch {
    return false;
  }
}

describe("the file that keeps a process's output", () => {
  test("gives back whole chunks with their numbers, streams and bytes", async () => {
    await using file = await setUp(10_000);
    const chunks = [chunk(1, 10), chunk(3, 0), { ...chunk(2 ** 40, 500), stream: "pty" as const }];
    await file.ring.write(chunks);
    expect(await file.ring.read(0)).toEqual(chunks);
    expect(await file.ring.read(1)).toEqual(chunks.slice(1));
    expect(await file.ring.read(2 ** 40)).toEqual([]);
  });

  test("opens nothing before there is something to keep", async () => {
    await using file = await setUp(10_000);
    await file.ring.write([]);
    expect([file.descriptors, file.ring.lastSeq, await file.ring.read(0)]).toEqual([[], 0, []]);
  });

  test("goes round: the newest are there, without a hole, and the file never grows past its limit", async () => {
    const maxBytes = 1_000;
    await using file = await setUp(maxBytes);
    let random = 7;
    for (let seq = 1; seq <= 2_000; seq += 1) {
      random = (random * 1_103_515_245 + 12_345) % 2 ** 31;
      await file.ring.write([chunk(seq, random % 200)]);
      const chunks = await file.readAll();
      const seqs = chunks.map((kept) => kept.seq);
      expect(seqs).toEqual(seqs.map((_, index) => seq - seqs.length + 1 + index));
      for (const kept of chunks) expect(kept.data.every((byte) => byte === kept.seq % 256)).toBe(true);
      const bytes = chunks.reduce((sum, { data }) => sum + data.length + HEADER_BYTES, 0);
      expect(bytes).toBeLessThanOrEqual(maxBytes);
      if (seq > 50) expect(bytes).toBeGreaterThan(maxBytes / 3);
    }
  });

  test("gives a reader nothing that was written over while it read", async () => {
    await using file = await setUp(1_000);
    for (let seq = 1; seq <= 300; seq += 1) {
      await file.ring.write([chunk(seq, 300)]);
      const [chunks] = await Promise.all([file.ring.read(0), file.ring.write([chunk(seq + 1_000, 300)])]);
      for (const kept of chunks) expect(kept.data.every((byte) => byte === kept.seq % 256)).toBe(true);
    }
  });

  test("stops for good at the first failure, says so once, and lets go of the file", async () => {
    await using file = await setUp(1_000);
    await file.ring.write([chunk(1, 10)]);
    closeSync(file.descriptors[0] ?? -1);
    await file.ring.write([chunk(2, 10)]);
    await file.ring.write([chunk(3, 10)]);
    expect(file.failures).toEqual([expect.objectContaining({ code: "EBADF" })]);
    expect([file.ring.isOn, file.ring.lastSeq, await file.ring.read(0)]).toEqual([false, 0, []]);
  });

  test("fails when it can't be opened, and when nothing can ever fit", async () => {
    const failures: unknown[] = [];
    const open = () => {
      throw new Error("no");
    };
    await new RingFile({ maxBytes: 100, open, onFailure: (error) => failures.push(error) }).write([chunk(1, 1)]);
    await using file = await setUp(10);
    await file.ring.write([chunk(1, 10)]);
    expect([failures.length, file.failures.length, file.ring.isOn]).toEqual([1, 1, false]);
  });

  test("is closed after the last call that uses it", async () => {
    await using file = await setUp(10_000);
    await file.ring.write([chunk(1, 100)]);
    const pending = [file.ring.read(0), file.ring.write([chunk(2, 100)])];
    file.ring.dispose();
    await Promise.all(pending);
    expect(file.failures).toEqual([]);
    const [descriptor = -1] = file.descriptors;
    await until(() => !isOpen(descriptor));
  });
});
