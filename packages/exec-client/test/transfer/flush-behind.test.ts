import { expect, test } from "vitest";
import { FlushBehind } from "../../src/transfer/flush-behind.ts";

const MIB = 1024 * 1024;

/** A disk that says when it is told to begin, and is done when the test says so. */
function slowDisk() {
  const flushes: PromiseWithResolvers<void>[] = [];
  const datasync = (): Promise<void> => {
    const flush = Promise.withResolvers<void>();
    flushes.push(flush);
    return flush.promise;
  };
  return { flushes, file: { datasync } };
}

test("the disk begins after some megabytes, and is not asked again before it is done", async () => {
  const { flushes, file } = slowDisk();
  const behind = new FlushBehind(file);
  behind.wrote(63 * MIB);
  expect(flushes).toHaveLength(0);
  behind.wrote(MIB);
  behind.wrote(200 * MIB);
  expect(flushes).toHaveLength(1);
  flushes[0]?.resolve();
  await behind.end();
  behind.wrote(1);
  expect(flushes).toHaveLength(2);
});

test("what the disk could not take is told at the end", async () => {
  const { flushes, file } = slowDisk();
  const behind = new FlushBehind(file);
  behind.wrote(64 * MIB);
  flushes[0]?.reject(new Error("EIO"));
  await expect(behind.end()).rejects.toThrow("EIO");
});
