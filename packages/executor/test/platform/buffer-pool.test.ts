import { describe, expect, test } from "vitest";
import { BufferPool } from "../../src/platform/buffer-pool.ts";

const KIB = 1024;
const MIB = 1024 * KIB;

describe("a buffer pool", () => {
  test.each([0, 1, 32 * KIB - 1, 32 * KIB, 64 * KIB, 64 * KIB + 1, 100_000, MIB, 1.4 * MIB, 1.5 * MIB + 1, 20 * MIB])(
    "lends exactly %i bytes",
    (bytes) => {
      expect(new BufferPool().take(Math.floor(bytes))).toHaveLength(Math.floor(bytes));
    },
  );

  test("lends what was given back again, to whoever needs about as much", () => {
    const pool = new BufferPool();
    const first = pool.take(90_000);
    pool.give(first);
    expect(pool.take(40_000).buffer).not.toBe(first.buffer);
    expect(pool.take(80_000).buffer).toBe(first.buffer);
    expect(pool.take(80_000).buffer).not.toBe(first.buffer);
  });

  test("takes back a part of what it lent, once", () => {
    const pool = new BufferPool();
    const lent = pool.take(64 * KIB);
    pool.give(lent.subarray(0, 10));
    pool.give(lent);
    expect(pool.keptBytes).toBe(64 * KIB);
    expect(pool.take(64 * KIB).buffer).toBe(lent.buffer);
    expect(pool.take(64 * KIB).buffer).not.toBe(lent.buffer);
  });

  test("leaves buffers of another origin alone, and its own small ones", () => {
    const pool = new BufferPool();
    pool.give(Buffer.alloc(64 * KIB));
    pool.give(new Uint8Array(128 * KIB));
    pool.give(Buffer.from("small"));
    pool.give(pool.take(100));
    expect(pool.keptBytes).toBe(0);
  });

  test("keeps 16 MiB at most", () => {
    const pool = new BufferPool();
    const lent = Array.from({ length: 40 }, () => pool.take(MIB));
    for (const buffer of lent) pool.give(buffer);
    expect(pool.keptBytes).toBe(16 * MIB);
    for (let taken = 0; taken < 40; taken++) expect(pool.take(MIB)).toHaveLength(MIB);
    expect(pool.keptBytes).toBe(0);
  });
});
