import { Readable } from "node:stream";
import { describe, expect, test } from "vitest";
import { OutputReader } from "../../src/process/output-reader.ts";

const KIB = 1024;
const CHUNK = Buffer.alloc(64 * KIB, "x");
const CHUNKS = 64;

/** A stream that has everything at once, as a pipe that is refilled while it is read. */
function ready(): Readable {
  let left = CHUNKS;
  return new Readable({
    read() {
      left -= 1;
      this.push(left < 0 ? null : CHUNK);
    },
  });
}

function nextTurn(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}

function setUp() {
  const ended = Promise.withResolvers<number>();
  const seen = { bytes: 0, ends: 0 };
  const reader: OutputReader = new OutputReader((data) => ready().on("data", data), {
    data: (chunk) => {
      seen.bytes += chunk.length;
    },
    ended: () => {
      seen.ends += 1;
      ended.resolve(seen.bytes);
    },
  });
  return { reader, seen, ended: ended.promise };
}

describe("a reader of output", () => {
  test("lets everybody else have a turn after 128 KiB, and reads everything all the same", async () => {
    const { reader, seen, ended } = setUp();
    let before = 0;
    let turns = 0;
    while (!reader.ended) {
      await nextTurn();
      expect(seen.bytes - before).toBeLessThanOrEqual(192 * KIB);
      before = seen.bytes;
      turns += 1;
    }
    expect(turns).toBeGreaterThan(16);
    expect([await ended, reader.bytesRead, seen.ends]).toEqual([CHUNKS * 64 * KIB, CHUNKS * 64 * KIB, 1]);
  });

  test("is resting meanwhile, which is not the same as paused", async () => {
    const { reader } = setUp();
    expect([reader.resting, reader.paused]).toEqual([false, false]);
    await new Promise(process.nextTick);
    await Promise.resolve();
    expect([reader.resting, reader.paused, reader.bytesRead > 0]).toEqual([true, false, true]);
  });

  test("that is paused while it rests stays paused until it is resumed", async () => {
    const { reader, seen, ended } = setUp();
    await new Promise(process.nextTick);
    await Promise.resolve();
    reader.pause();
    expect([reader.resting, reader.paused]).toEqual([false, true]);
    const held = seen.bytes;
    for (let turn = 0; turn < 10; turn += 1) await nextTurn();
    expect(seen.bytes).toBe(held);
    reader.resume();
    expect(reader.paused).toBe(false);
    expect(await ended).toBe(CHUNKS * 64 * KIB);
  });

  test("rests on when it is told to go on", async () => {
    const { reader, seen } = setUp();
    await new Promise(process.nextTick);
    await Promise.resolve();
    const held = seen.bytes;
    reader.resume();
    await new Promise(process.nextTick);
    await Promise.resolve();
    expect([reader.resting, seen.bytes]).toEqual([true, held]);
    reader.abandon();
  });
});
