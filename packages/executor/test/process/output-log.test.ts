import { describe, expect, test } from "vitest";
import { bufferPool } from "../../src/platform/buffer-pool.ts";
import type { OutputChunk } from "../../src/process/output-chunk.ts";
import { OutputLog } from "../../src/process/output-log.ts";

function seqs(log: OutputLog, afterSeq: number, maxBytes?: number) {
  return log.read(afterSeq, maxBytes).chunks.map(({ seq }) => seq);
}

function filled(sizes: readonly number[], limits = { maxRetainedBytes: 100, maxRetainedChunks: 50 }): OutputLog {
  const log = new OutputLog(limits);
  for (const size of sizes) log.append("stdout", Buffer.alloc(size));
  return log;
}

describe("OutputLog", () => {
  test("numbers from 1, events without bytes included", () => {
    const log = filled([1]);
    expect(log.takeSeq()).toBe(2);
    expect(log.append("stderr", Buffer.from("x")).seq).toBe(3);
    expect(log.nextSeq).toBe(4);
    expect(seqs(log, 0)).toEqual([1, 3]);
  });

  test("keeps the newest whole chunks within the byte bound", () => {
    const log = filled([60, 60, 40]);
    expect(seqs(log, 0)).toEqual([2, 3]);
    expect(log.retainedBytes).toBe(100);
  });

  test("keeps the newest chunks within the chunk bound", () => {
    expect(seqs(filled(Array(60).fill(1)), 0)).toHaveLength(50);
  });

  test("uses the memory of what it let go again, but not before the next chunk", () => {
    const KIB_64 = 64 * 1024;
    const log = new OutputLog({ maxRetainedBytes: KIB_64, maxRetainedChunks: 50 });
    const pieces = Array.from({ length: 3 }, () => bufferPool.take(KIB_64));
    const [first, second, third] = pieces.map((piece) => log.append("stdout", piece)) as unknown as [
      OutputChunk,
      OutputChunk,
      OutputChunk,
    ];
    // The third let the second go, which had let the first go.
    const again = bufferPool.take(KIB_64);
    expect(again.buffer).toBe(first.data.buffer);
    expect(bufferPool.take(KIB_64).buffer).not.toBe(second.data.buffer);
    expect(log.read(0, undefined).chunks).toEqual([third]);
  });

  test("hands a chunk above the bound on before its memory is used again", () => {
    const log = new OutputLog({ maxRetainedBytes: 1, maxRetainedChunks: 50 });
    const { data } = log.append("stdout", bufferPool.take(40_000));
    expect(bufferPool.take(40_000).buffer).not.toBe(data.buffer);
  });

  test("retains nothing of a chunk above the bound", () => {
    const log = filled([101]);
    expect(seqs(log, 0)).toEqual([]);
    expect(log.hasAfter(0)).toBe(false);
    expect(log.nextSeq).toBe(2);
  });

  test("reads after a cursor, also one that was evicted or lies ahead", () => {
    const log = filled([60, 60, 40]);
    expect(seqs(log, 2)).toEqual([3]);
    expect(seqs(log, 3)).toEqual([]);
    expect(seqs(log, 99)).toEqual([]);
    expect(log.hasAfter(2)).toBe(true);
    expect(log.hasAfter(3)).toBe(false);
  });

  test.each([
    [0, [1], 2],
    [10, [1], 2],
    [25, [1, 2], 3],
    [30, [1, 2, 3], 4],
    [1_000, [1, 2, 3], 4],
  ])("with %i bytes at most returns chunks %j and continues at %i", (maxBytes, expected, nextSeq) => {
    const log = filled([10, 10, 10]);
    expect(seqs(log, 0, maxBytes)).toEqual(expected);
    expect(log.read(0, maxBytes).nextSeq).toBe(nextSeq);
  });

  test("continues at the process's next number when a bounded read finds nothing", () => {
    const log = filled([10]);
    log.takeSeq();
    expect(log.read(1, 5)).toEqual({ chunks: [], nextSeq: 3 });
  });

  test("stays correct and small over many evictions", () => {
    const log = filled([]);
    for (let index = 0; index < 100_000; index++) log.append("pty", Buffer.alloc(10));
    expect(seqs(log, 0)).toEqual(Array.from({ length: 10 }, (_, index) => 99_991 + index));
    expect(log.retainedBytes).toBe(100);
  });
});
