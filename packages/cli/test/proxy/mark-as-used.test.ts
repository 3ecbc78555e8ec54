import { statSync, utimesSync } from "node:fs";
import { FakeClock, tempDir } from "@holdfast/testkit";
import { expect, test } from "vitest";
import { markAsUsed } from "../../src/proxy/mark-as-used.ts";

const DAY_MS = 86_400_000;

test("a program is marked as used at once, and each day for as long as it is", async () => {
  await using folder = await tempDir();
  const clock = new FakeClock();
  const isMarked = (): boolean => {
    const marked = statSync(folder.path).mtimeMs > Date.now() - 600_000;
    utimesSync(folder.path, 1, 1);
    return marked;
  };
  isMarked();
  const use = markAsUsed(folder.path, clock);
  expect(isMarked()).toBe(true);
  for (let day = 0; day < 20; day += 1) {
    await clock.advance(DAY_MS);
    expect(isMarked()).toBe(true);
  }
  use[Symbol.dispose]();
  await clock.advance(DAY_MS);
  expect(isMarked()).toBe(false);
});
